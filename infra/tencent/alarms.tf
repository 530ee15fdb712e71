# What a person must look at. Log alarms count the lines in which the functions leave a metric (JSON with the metric's
# name, once per metric and invocation); the others are on SCF's own metrics.

locals {
  sweep = module.wiring.functions["sweep"].name

  metric_alarms = {
    UnknownVendorCode  = "The vendor answered with a code that is not in the code table; the verification was not passed."
    CallOutcomeUnknown = "A paid call was sent and its answer never came."
    UploadReplaced     = "A proven upload was another one before its paid call; no call was made."
    CallHeld           = "A call's outcome is unknown and the policy is to hold; an operator decides."
    VendorAlert        = "The vendor refuses the account or the request; no verification passes until an operator acts."
    VendorDown         = "The vendor fails at an API; only probes call it until one is answered, and verifications wait."
    DeliveryExhausted  = "A client's endpoint took none of a webhook's attempts; the client can ask for it again."
    EndpointPaused     = "A client's endpoint fails for too long or said 410; its webhooks wait, and the log names the client."
    UploadFoundLate    = "An upload was found only when its time was up; the bucket's event did not come or failed."
    SecretUnusable     = "A secret could not be read, or its document is refused; the log names the secret, the client and the field."
    MessageUnknown     = "A step got a message that nothing of the deployment sends; uploads may not be noticed before their time is up."
    DeliveryFault      = "A fault of the deployment's own prevents webhooks, often the webhooks' secret."
    ManifestDelayed    = "The manifest of a decision could not be signed or stored; sweep asks for it again."
    StepNotStarted     = "A step could not be asked for; sweep asks for it later."
    StepStuck          = "A verification has been asked for in vain for minutes; its step fails, or its record cannot be read."
    RunsExhausted      = "A verification ended as error because its check could not be brought to an end."
    SpendWarning       = "The money of a day, of a client or of the deployment, has reached the warning level; the log says of whom."
    SpendLimitReached  = "New verifications are refused because the money of the day is spent or reserved; the log says of whom."
    Overdue            = "A verification has been due for half an hour, and no message waits for it; the sweeps do not keep up."
    QuotaExhausted     = "For half an hour more has been asked of the vendor than its limit allows; verifications wait."
    ApiFailed          = "The HTTP API answered five requests or more with an error of ours (5xx) in five minutes."
  }

  # Where one line within a minute is no reason yet: so many lines within so many minutes, so many times in a row.
  patience = {
    Overdue        = { minutes = 5, lines = 1, times = 2 }
    QuotaExhausted = { minutes = 5, lines = 1, times = 6 }
    ApiFailed      = { minutes = 5, lines = 5, times = 1 }
  }
  at_once = { minutes = 1, lines = 1, times = 1 }

  # Three failures in five minutes: as often as SCF tries one event of a step.
  failure_alarms = ["api", "webhooks", "verify_upload", "run_check", "deliver_result", "erase", "sweep"]

  # Whose data a policy watches. Cloud Monitor wants every dimension of the policy type.
  watched = {
    for name in local.failure_alarms : name => jsonencode([[
      { Key = "appid", Operator = "eq", Value = [var.app_id] },
      { Key = var.scf_metrics.function, Operator = "eq", Value = [module.wiring.functions[name].name] },
      { Key = "namespace", Operator = "eq", Value = ["default"] },
      { Key = "version", Operator = "eq", Value = [var.scf_metrics.version] },
    ]])
  }
}

resource "tencentcloud_cls_alarm" "metric" {
  for_each = local.metric_alarms

  name             = "${local.prefix}-${each.key}"
  message_template = each.value
  status           = true
  condition        = "$1.lines >= ${lookup(local.patience, each.key, local.at_once).lines}"
  trigger_count    = lookup(local.patience, each.key, local.at_once).times
  # Minutes until it tells again.
  alarm_period     = 15
  alarm_notice_ids = var.alarm_notice_ids.cls

  alarm_targets {
    logset_id         = tencentcloud_cls_logset.logs.id
    topic_id          = tencentcloud_cls_topic.functions.id
    number            = 1
    query             = "${each.key} AND CloudWatchMetrics | select count(*) as lines"
    syntax_rule       = 1
    start_time_offset = -lookup(local.patience, each.key, local.at_once).minutes
    end_time_offset   = 0
  }

  monitor_time {
    type = "Period"
    time = lookup(local.patience, each.key, local.at_once).minutes
  }

  depends_on = [tencentcloud_cls_index.functions]
}

# Without sweep nothing expires and nothing that lost its message is finished. A metric that nobody reports raises no
# alarm, so this one counts log lines.
resource "tencentcloud_cls_alarm" "sweep_stopped" {
  name             = "${local.prefix}-SweepStopped"
  message_template = "sweep has not run for five minutes."
  status           = true
  condition        = "$1.lines < 1"
  trigger_count    = 1
  alarm_period     = 15
  alarm_notice_ids = var.alarm_notice_ids.cls

  alarm_targets {
    logset_id         = tencentcloud_cls_logset.logs.id
    topic_id          = tencentcloud_cls_topic.functions.id
    number            = 1
    query             = "SCF_FunctionName:\"${local.sweep}\" | select count(*) as lines"
    syntax_rule       = 1
    start_time_offset = -5
    end_time_offset   = 0
  }

  monitor_time {
    type = "Period"
    time = 5
  }

  depends_on = [tencentcloud_cls_index.functions]
}

resource "tencentcloud_monitor_alarm_policy" "failures" {
  for_each = toset(local.failure_alarms)

  # At most 20 characters (248/39326, 2025-11-13); the remark has the stage in full, in letters, digits, _ and - only.
  policy_name  = trim(substr("${each.key}-${var.stage}", 0, 20), "-")
  remark       = "${local.prefix}-${each.key}_failed_three_times_in_five_minutes"
  monitor_type = "MT_QCE"
  namespace    = var.scf_metrics.namespace
  enable       = 1
  notice_ids   = var.alarm_notice_ids.monitor

  conditions {
    # Any of the rules.
    is_union_rule = 0

    rules {
      metric_name      = var.scf_metrics.error
      period           = 300
      operator         = "ge"
      value            = "3"
      continue_period  = 1
      notice_frequency = 900
      is_power_notice  = 0

      filter {
        type       = "DIMENSION"
        dimensions = local.watched[each.key]
      }
    }

    # A function that ran out of time was killed in the middle of its work.
    rules {
      metric_name      = var.scf_metrics.timeout
      period           = 300
      operator         = "ge"
      value            = "3"
      continue_period  = 1
      notice_frequency = 900
      is_power_notice  = 0

      filter {
        type       = "DIMENSION"
        dimensions = local.watched[each.key]
      }
    }

    # Events found no room: the region's concurrency, or the function's own share of it, is too small.
    rules {
      metric_name      = var.scf_metrics.throttle
      period           = 300
      operator         = "ge"
      value            = "10"
      continue_period  = 1
      notice_frequency = 900
      is_power_notice  = 0

      filter {
        type       = "DIMENSION"
        dimensions = local.watched[each.key]
      }
    }
  }
}

resource "tencentcloud_monitor_alarm_policy" "slow" {
  policy_name  = trim(substr("api_slow-${var.stage}", 0, 20), "-")
  remark       = "${local.prefix}-api_took_five_seconds_on_average_for_a_quarter_of_an_hour"
  monitor_type = "MT_QCE"
  namespace    = var.scf_metrics.namespace
  enable       = 1
  notice_ids   = var.alarm_notice_ids.monitor

  conditions {
    is_union_rule = 0

    rules {
      metric_name      = var.scf_metrics.duration
      period           = 300
      operator         = "ge"
      value            = "5000"
      continue_period  = 3
      notice_frequency = 900
      is_power_notice  = 0

      filter {
        type       = "DIMENSION"
        dimensions = local.watched["api"]
      }
    }
  }
}
