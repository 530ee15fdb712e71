"""The generated page docs/logs.md."""

from __future__ import annotations

import ast
import json
import textwrap

from liveproof import facts
from liveproof.domain.verification import Decision
from liveproof.observability import Event, Measure, Metric
from liveproof.observability.wide_event import FIELDS
from tools import ROOT
from tools.docs.alarms import alarms, tencent_alarms

_LOGS = """# Logs and metrics

One JSON object per line. `message` is one of the events below and nothing else; the other fields
are short codes, numbers and ids. There is no field for free text, so no URL, secret, personal field
or byte of a file can get in. The one text is the `detail` of a failure: what an exception of
liveproof's own says, and those name settings and secrets without showing them. Every line also has
`level`, `timestamp`, `service` (`liveproof`) and `request_id` (Lambda's or SCF's: the same as in
the platform's own lines of that run).

`verification` is the same id as in the API, the object keys, the ledger and the webhook. To follow
one verification through every function, on AWS ask CloudWatch Logs Insights, with all the stack's
log groups chosen:

```text
filter verification = "ver_01jd4w1z3k5m7p9r1t3v5x7z9b"
| sort @timestamp
| display @timestamp, message, function, outcome, code, vendor_request_id, decision, reason
```

On Tencent Cloud all functions write to one topic of CLS (Terraform's output `log_topic`). Search it
for the id; each line also has `SCF_FunctionName` and `SCF_RequestId`:

```text
"ver_01jd4w1z3k5m7p9r1t3v5x7z9b"
```

Lines that SCF itself adds stand between them. Those of `api` hold what it returned, upload URLs
included: see [security](security.md#logs-on-tencent-cloud).

A light sequence belongs to no verification: its lines have the `request_id` only.

With `logLevel` (`log_level`) above `INFO` the events are not written; the metrics are.
"""

_RUNS = """## What a run did and cost

Each run of a function ends with one line `COMPLETED`, which has what the run did and what it cost.
A run that was killed has no such line: its last one is `STARTED` or later. A number that is 0 is
left out. Parts of the time are exclusive: while the bucket is read for the vendor, the time is the
bucket's. Files that go to the vendor side by side count with the time of each, so there the parts
can exceed `milliseconds`.

In CloudWatch Logs Insights, the runs of `run_check` that took longest, and where:

```text
filter message = "COMPLETED" and function like /run_check/
| sort milliseconds desc
| display verification, milliseconds, store_ms, bucket_ms, vendor_ms, wait_ms, store_writes
| limit 20
```

The webhooks of each client within the chosen time, which cost no metric:

```text
filter message = "COMPLETED" and webhook_attempts > 0
| stats count(*) as attempts, avg(webhook_ms) as mean_ms by client
```

| field | meaning |
|---|---|
"""

_METRICS = """## Metrics

A metric leaves a function as a line of JSON in its log, in CloudWatch's embedded metric format. On
AWS that makes a metric of it: namespace `liveproof-STAGE`, dimension `service` = `liveproof`, unit
count.

On Tencent Cloud nothing does; the alarms count the lines that hold the metric's name and
`CloudWatchMetrics`. So does this search in CLS:

```text
VendorAlert AND CloudWatchMetrics | select count(*) as lines
```

What to do when an alarm rings is in the [alarms](alarms.md). On Tencent Cloud the name of an
alarm of this table begins with `liveproof-STAGE-`.
"""

_MEASURES = """### Metrics with dimensions

These are for graphs. Each combination of values is a metric that CloudWatch charges for, so there
is none of a verification, and none of a client that no setting names.
"""


def event_fields() -> dict[Event, set[str]]:
    """The fields that each event's lines carry, read from the calls that write them."""
    fields: dict[Event, set[str]] = {event: set() for event in Event}
    for path in sorted((ROOT / "layers" / "liveproof").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            event = node.args[0]
            if not isinstance(event, ast.Attribute) or event.attr not in Event.__members__:
                continue
            if name == "record":
                fields[Event[event.attr]] |= {
                    keyword.arg for keyword in node.keywords if keyword.arg
                }
            elif name == "record_failure":
                fields[Event[event.attr]] |= {"error", "at", "detail"}
                fields[Event[event.attr]] |= {
                    keyword.arg for keyword in node.keywords if keyword.arg
                }
    return fields


def logs_page(mark: str) -> str:
    """docs/logs.md."""
    lines = [mark, _LOGS, "## Events", "", "| message | meaning | fields |", "|---|---|---|"]
    fields = event_fields()
    for event in Event:
        names = ", ".join(f"`{name}`" for name in sorted(fields[event])) or "none"
        if event is Event.COMPLETED:
            names = "[of its own](#what-a-run-did-and-cost)"
        lines.append(f"| `{event.name}` | {event.value} | {names} |")
    lines += ["", _RUNS + "\n".join(f"| `{name}` | {of} |" for name, of in FIELDS.items())]
    by_metric = {metric: name for name, (metric, _) in alarms().items()}
    lines += ["", _METRICS, "| metric | one is added when | alarm on AWS | on Tencent Cloud |"]
    lines += ["|---|---|---|---|"]
    for metric in Metric:
        alarm = by_metric.get(metric.value)
        shown = f"`{alarm}`" if alarm else "none"
        other = f"`{metric.value}`" if metric.value in tencent_alarms() else "none"
        lines.append(f"| `{metric.value}` | {metric.meaning} | {shown} | {other} |")
    return "\n".join([*lines, "", _measures()]) + "\n"


def most_metrics() -> dict[Measure, int]:
    """How many metrics each measure can become, with every check in use and no client named."""
    checks = len(facts.checks())
    # A limit for each paid API, CreateUploadUrl, and two of light sequences (the line is one).
    apis = len({api for check in facts.checks().values() for api in check.apis}) + 3
    return {
        Measure.DECISIONS: checks * len(Decision),
        Measure.BILLED_CALLS: checks,
        Measure.STEP_LATENCY: 3,
        Measure.QUOTA_WAIT: apis,
        Measure.QUOTA_USE: apis,
        Measure.DELIVERIES: 5,
        Measure.OLDEST_DUE: 1,
        Measure.SPEND: checks,
    }


def _measures() -> str:
    prices = json.loads((ROOT / "docs" / "prices.json").read_text(encoding="utf-8"))["prices"]
    price = prices["aws"]["of"]["metric_month"]
    lines = [
        _MEASURES,
        "| metric | unit | dimensions | of what | at most |",
        "|---|---|---|---|---|",
    ]
    most = most_metrics()
    for measure in Measure:
        dimensions = ", ".join(f"`{name}`" for name in measure.dimensions) or "none"
        row = [f"`{measure.value}`", measure.unit, dimensions, measure.meaning, str(most[measure])]
        lines.append(f"| {' | '.join(row)} |")
    both = sum(most.values()) + len(Metric)
    text = (
        f"CloudWatch charges {price['usd']:.2f} USD a month for a metric ({price['source']}, "
        f"{price['date']}), by the hours in which it got a value. So all of these, and the "
        f"{len(Metric)} above, cost {both * price['usd']:.1f} USD a month at most; a deployment "
        "that uses one check and has no trouble, about a quarter of that. Each client of "
        f"`metricClients` adds {5 * price['usd']:.2f} USD. On Tencent Cloud they cost what their "
        "log lines cost."
    )
    lines += ["", textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)]
    return "\n".join(lines)
