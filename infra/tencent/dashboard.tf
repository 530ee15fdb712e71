# What the deployment does, how long it takes, what it costs: charts of the functions' log lines.
#
# No page describes the format of `data`; it is that of the dashboards that CLS exports, as public code reads them. If CLS
# reads it in another way, a chart is empty, and nothing else is concerned.

locals {
  # Each run's last line is COMPLETED, with numbers (docs/logs.md). CLS has the whole line as text.
  in_time = "histogram(cast(__TIMESTAMP__ as timestamp), interval 5 minute) as time"
  field   = { for name in ["function", "client", "decision", "status"] : name => "json_extract_scalar(SCF_Message, '$.${name}') as ${name}" }
  number = {
    for name in ["billed_calls", "milliseconds", "oldest_seconds", "quota_wait_ms", "webhook_ms"] :
    name => "cast(json_extract_scalar(SCF_Message, '$.${name}') as double)"
  }

  charts = [
    { title = "Decisions", type = "graph", query = "DECIDED | select ${local.in_time}, ${local.field.decision}, count(*) as decisions group by time, decision order by time" },
    { title = "Billed calls", type = "graph", query = "COMPLETED AND billed_calls | select ${local.in_time}, sum(${local.number.billed_calls}) as billed group by time order by time" },
    { title = "Runs: 95th percentile, ms", type = "graph", query = "COMPLETED | select ${local.in_time}, ${local.field.function}, approx_percentile(${local.number.milliseconds}, 0.95) as ms group by time, function order by time" },
    { title = "Oldest due verification, seconds", type = "graph", query = "SWEPT | select ${local.in_time}, max(${local.number.oldest_seconds}) as seconds group by time order by time" },
    { title = "Wait for slots: 95th percentile, ms", type = "graph", query = "COMPLETED AND quota_wait_ms | select ${local.in_time}, approx_percentile(${local.number.quota_wait_ms}, 0.95) as ms group by time order by time" },
    { title = "HTTP API by status", type = "graph", query = "COMPLETED AND route | select ${local.in_time}, ${local.field.status}, count(*) as answers group by time, status order by time" },
    { title = "Webhooks by client", type = "table", query = "COMPLETED AND webhook_attempts | select ${local.field.client}, count(*) as attempts, avg(${local.number.webhook_ms}) as mean_ms group by client order by attempts desc" },
    { title = "Lines with metrics of alarms", type = "graph", query = "CloudWatchMetrics AND (${join(" OR ", keys(local.metric_alarms))}) | select ${local.in_time}, count(*) as lines group by time order by time" },
  ]
}

resource "tencentcloud_cls_dashboard" "deployment" {
  dashboard_name = local.prefix

  data = jsonencode({
    timezone = "browser"
    panels = [
      for index, chart in local.charts : {
        id      = index + 1
        title   = chart.title
        type    = chart.type
        gridPos = { x = index % 2 * 12, y = floor(index / 2) * 8, w = 12, h = 8 }
        targets = [{ TopicId = tencentcloud_cls_topic.functions.id, Query = chart.query, SyntaxRule = 1 }]
      }
    ]
  })

  depends_on = [tencentcloud_cls_index.functions]
}
