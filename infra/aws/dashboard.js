"use strict";

// The stack's dashboard in CloudWatch: what rings, what the deployment does, how long it takes, what it costs.
// Metrics with dimensions are searched for, so a graph shows whatever values there are.

const fs = require("fs");
const path = require("path");

const checkResources = Object.keys(require("./check.json").Resources);
const { checks } = require("../../layers/liveproof/data/checks.json");
const { idOf } = require("./checks.js");

const FUNCTIONS = fs.readdirSync(path.join(__dirname, "../../functions")).filter((name) => name !== "api");
const WIDTH = 24;
const HALF = 12;

/** Logical ids of all alarms: those of alarms.yml, and those of each check. */
function alarms() {
  const own = fs.readFileSync(path.join(__dirname, "alarms.yml"), "utf8").matchAll(/^ {2}(\w+Alarm):$/gm);
  const ofChecks = Object.keys(checks).flatMap((check) =>
    checkResources.filter((name) => name.endsWith("Alarm")).map((name) => name.replace("{Check}", idOf(check)))
  );
  return [...Array.from(own, (match) => match[1]), ...ofChecks];
}

const graph = (title, metrics, properties) => ({
  type: "metric",
  properties: { title, metrics, region: "${AWS::Region}", view: "timeSeries", period: 300, ...properties },
});

/** Every metric of a name, whatever the values of its dimensions. */
const search = (namespace, dimensions, name, stat, period = 300) => [
  { expression: `SEARCH('{${namespace},${dimensions}} MetricName="${name}"', '${stat}', ${period})`, id: "e1" },
];

function widgets(stage) {
  const ours = `liveproof-${stage}`;
  const api = (name, stat, label) => ["AWS/ApiGateway", name, "ApiId", "${HttpApi}", { stat, label }];
  const counted = (...names) => names.map((name) => [ours, name, "service", "liveproof", { stat: "Sum" }]);
  const ofFunctions = (name, stat) =>
    FUNCTIONS.map((each) => ["AWS/Lambda", name, "FunctionName", `${ours}-${each}`, { stat, label: each }]);
  const ages = [...Object.keys(checks).map((check) => `Check${idOf(check)}Queue`), "UploadsQueue", "DeliveriesQueue", "ErasuresQueue"];
  return [
    { type: "alarm", width: WIDTH, properties: { title: "Alarms", alarms: alarms().map((name) => "${" + name + ".Arn}") } },
    graph("Decisions", search(ours, "check,decision,service", "Decisions", "Sum"), { stacked: true }),
    graph("Billed calls an hour, by check", search(ours, "check,service", "BilledCalls", "Sum", 3600), { period: 3600 }),
    graph("Spend an hour, by check", search(ours, "check,service", "Spend", "Sum", 3600), { period: 3600 }),
    graph("Steps, from due to done: 95th percentile, ms", search(ours, "service,step", "StepLatency", "p95")),
    graph("Oldest due verification, seconds", [[ours, "OldestDue", "service", "liveproof", { stat: "Maximum" }]]),
    graph("Use of the vendor's limits, percent", search(ours, "api,service", "QuotaUse", "Sum", 60), { period: 60 }),
    graph("Wait for a slot: 95th percentile, ms", search(ours, "api,service", "QuotaWait", "p95")),
    graph("The vendor", counted("VendorDown", "VendorThrottled", "VendorAlert", "CallOutcomeUnknown", "QuotaExhausted")),
    graph("Uploads and steps", counted("UploadFoundLate", "StepNotStarted", "StepStuck", "Overdue", "RunsExhausted")),
    graph("Webhooks", search(ours, "client,outcome,service", "Deliveries", "Sum"), { stacked: true }),
    {
      type: "log",
      properties: {
        title: "Webhooks by client",
        region: "${AWS::Region}",
        view: "table",
        query:
          `SOURCE '/aws/lambda/${ours}-deliver_result' | filter message = "COMPLETED" and webhook_attempts > 0` +
          " | stats count(*) as attempts, avg(webhook_ms) as mean_ms by client | sort attempts desc",
      },
    },
    graph("HTTP API", [api("Count", "Sum", "requests"), api("4xx", "Sum", "4xx"), api("5xx", "Sum", "5xx")]),
    graph("HTTP API: latency, ms", [api("Latency", "p50", "p50"), api("Latency", "p90", "p90"), api("Latency", "p99", "p99")]),
    graph("Oldest message, seconds", ages.map((name) => [
      "AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "${" + name + ".QueueName}", { stat: "Maximum", label: name },
    ])),
    graph("Functions: errors", ofFunctions("Errors", "Sum")),
    graph("Functions: runs at once", ofFunctions("ConcurrentExecutions", "Maximum")),
    graph("Functions: throttled", ofFunctions("Throttles", "Sum")),
  ].map((widget) => ({ width: HALF, height: 6, ...widget }));
}

module.exports = {
  async resources({ resolveVariable }) {
    const stage = await resolveVariable("sls:stage");
    const body = { widgets: widgets(stage) };
    return {
      Resources: {
        Dashboard: {
          Type: "AWS::CloudWatch::Dashboard",
          Properties: {
            // Of all names of the stack only this one holds for the whole account: a dashboard has no region.
            DashboardName: { "Fn::Sub": `liveproof-${stage}-` + "${AWS::Region}" },
            DashboardBody: { "Fn::Sub": JSON.stringify(body) },
          },
        },
      },
    };
  },
};
