"""The generated pages docs/settings.md and docs/logs.md."""

from __future__ import annotations

import ast
import re
from typing import Any, get_args, get_origin, get_type_hints

from liveproof.clouds.aws.settings import AwsSettings
from liveproof.domain.verification import Decision
from liveproof.observability import Event, Metric
from liveproof.settings import Settings, environment_names
from local import ROOT

_COMMENT = re.compile(r"^    #\s?(.*)$")
_PARAM = re.compile(r"^    (\w+): (.*)$")
_ENVIRONMENT = re.compile(r"^    ([A-Z][A-Z0-9_]+): (.*)$")
_USE = re.compile(r"\$\{param:(\w+)\}")

_SETTINGS = """# Settings

There are two kinds. A *param* is chosen when the stack is deployed: `--param name=value` on the
command line, once per param. A *setting* is an environment variable of every function;
`serverless.yml` fills it from a param or from the stack itself. A function that finds a setting
missing, unknown or of a value that cannot be meant refuses to start, with a line that names it.
"""

_LOGS = """# Logs and metrics

One JSON object per line. `message` is one of the events below and nothing else; the other fields
are short codes, numbers and ids. There is no field for free text, so no URL, secret, personal field
or byte of a file can get in. The one text is the `detail` of a failure: what an exception of
liveproof's own says, and those name settings and secrets without showing them. Every line also has
`level`, `timestamp`, `service` (`liveproof`) and `request_id` (Lambda's).

`verification` is the same id as in the API, the object keys, the ledger and the webhook. To follow
one verification through every function, ask CloudWatch Logs Insights, with all the stack's log
groups chosen:

```text
filter verification = "ver_01jd4w1z3k5m7p9r1t3v5x7z9b"
| sort @timestamp
| display @timestamp, message, function, outcome, code, vendor_request_id, decision, reason
```

A light sequence belongs to no verification: its lines have the `request_id` only.

With `logLevel` above `INFO` the events are not written; the metrics are.
"""

_METRICS = """## Metrics

In the CloudWatch namespace `liveproof`, dimension `service` = `liveproof`, unit count. What to do
when an alarm rings is in [operating](operating.md).
"""

_COUNTED = {
    Metric.UNKNOWN_VENDOR_CODE: "The vendor answered with a code that is not in the code table.",
    Metric.VENDOR_ALERT: "The vendor refuses the account or the request, or a file without a"
    " reason that a person can act on.",
    Metric.CALL_OUTCOME_UNKNOWN: "A paid call was sent and no usable answer came.",
    Metric.CALL_HELD: "A verification began to wait for an operator.",
    Metric.DELIVERY_EXHAUSTED: "A delivery ended without the endpoint's 2xx: the schedule is used"
    " up, or it said 410.",
    **{
        Metric[f"DECIDED_{decision.name}"]: f"A verification was decided: `{decision.value}`."
        for decision in Decision
    },
}


def params() -> dict[str, tuple[str, str, str | None]]:
    """The params of serverless.yml: name to comment, default, the local cloud's own value."""
    block = _text("serverless.yml").partition("\nparams:\n")[2].partition("\nprovider:\n")[0]
    default, _, local = block.partition("\n  local:\n")
    overrides = {match[1]: match[2] for match in map(_PARAM.match, local.splitlines()) if match}
    found: dict[str, tuple[str, str, str | None]] = {}
    comment: list[str] = []
    above = ""
    for line in default.splitlines():
        if text := _COMMENT.match(line):
            comment.append(text[1])
        elif param := _PARAM.match(line):
            # A comment stands for every param up to the next one.
            above = " ".join(comment) or above
            found[param[1]] = (above, param[2], overrides.get(param[1]))
            comment = []
    return found


def environment() -> dict[str, str]:
    """What serverless.yml gives every function: variable to its text."""
    block = _text("serverless.yml").partition("\n  environment:\n")[2].partition("\npackage:\n")[0]
    found = map(_ENVIRONMENT.match, block.splitlines())
    return {match[1]: match[2] for match in found if match}


def settings_page(mark: str) -> str:
    """docs/settings.md."""
    lines = [mark, _SETTINGS, "## Params", ""]
    lines += ["| param | default | local cloud | what it is |", "|---|---|---|---|"]
    for name, (comment, default, local) in params().items():
        shown = f"`{local}`" if local else "the same"
        lines.append(f"| `{name}` | `{default}` | {shown} | {comment} |")
    lines += ["", "## Settings", ""]
    lines += ["| environment variable | filled from | type and range | what it is |"]
    lines += ["|---|---|---|---|"]
    given, meanings = environment(), _meanings()
    hints = get_type_hints(AwsSettings, include_extras=True)
    for field, variable in zip(
        AwsSettings.__struct_fields__, environment_names(AwsSettings), strict=True
    ):
        kind = _kind(hints[field])
        meaning = meanings.get(field, _OWN.get(field, ""))
        lines.append(f"| `{variable}` | {_filled(given[variable])} | {kind} | {meaning} |")
    lines += [
        "",
        "Three more belong to the logging library:",
        "",
        "| environment variable | filled from |",
        "|---|---|",
    ]
    lines += [
        f"| `{name}` | {_filled(value)} |"
        for name, value in given.items()
        if name not in environment_names(AwsSettings)
    ]
    return "\n".join(lines) + "\n"


_OWN = {
    "table": "The DynamoDB table.",
    "bucket": "The bucket of uploads and evidence.",
    "uploads_queue_url": "The queue of `verify_upload`.",
    "checks_queue_url": "The queue of `run_check`.",
    "deliveries_queue_url": "The queue of `deliver_result`.",
    "api_keys_secret": "ARN of the secret with the clients and their API keys' digests.",
    "webhooks_secret": "ARN of the secret with the webhook endpoints.",
    "vendor_key_secret": "ARN of the secret with the vendor account's key.",
    "senseid_key_secret": "ARN of the secret with SenseID's key and IV, for `silent` only.",
}


def _meanings() -> dict[str, str]:
    """The Attributes section of the model's docstring: field to text."""
    texts = [(each.__doc__ or "").partition("Attributes:")[2] for each in (Settings, AwsSettings)]
    text = "\n".join(texts)
    found: dict[str, str] = {}
    names: list[str] = []
    for line in text.splitlines():
        start = re.match(r"^        ([a-z_, ]+): (.*)$", line)
        if start:
            names = start[1].split(", ")
            found.update(dict.fromkeys(names, start[2].strip()))
        elif line.strip():
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
    return {name: text[0].upper() + text[1:] for name, text in found.items()}


def _kind(hint: Any) -> str:
    if hasattr(hint, "__metadata__"):
        base, meta = get_args(hint)[0], hint.__metadata__[0]
        names = {"ge": "at least", "gt": "more than", "le": "at most"}
        rules = [
            f"{text} {getattr(meta, name)}"
            for name, text in names.items()
            if getattr(meta, name) is not None
        ]
        word = {int: "whole number", float: "number", str: "text"}[base]
        return ", ".join([word, *rules])
    if get_origin(hint) is not None:
        return " or ".join(f"`{value}`" for value in get_args(hint))
    return "text"


def _filled(value: str) -> str:
    param = _USE.search(value)
    if param:
        return f"param `{param[1]}`"
    return f"the stack: `{value}`" if value.startswith("!") else f"`{value}`"


def event_fields() -> dict[Event, set[str]]:
    """The fields that each event's lines carry, read from the calls that write them."""
    found: dict[Event, set[str]] = {event: set() for event in Event}
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
                found[Event[event.attr]] |= {each.arg for each in node.keywords if each.arg}
            elif name == "record_failure":
                found[Event[event.attr]] |= {"error", "at", "detail"}
                found[Event[event.attr]] |= {each.arg for each in node.keywords if each.arg}
    return found


def alarms() -> dict[str, tuple[str, str]]:
    """The alarms of infra/aws/alarms.yml: name to metric and description."""
    found = {}
    for block in re.split(r"\n(?=  \w+Alarm:\n)", _text("infra/aws/alarms.yml"))[1:]:
        name = block.strip().partition(":")[0]
        metric = re.search(r"MetricName: (\S+)", block)
        text = re.search(r"AlarmDescription: (.+)", block)
        if metric and text:
            found[name] = (metric[1], text[1])
    return found


def logs_page(mark: str) -> str:
    """docs/logs.md. Raises KeyError for a metric without a meaning."""
    lines = [mark, _LOGS, "## Events", "", "| message | meaning | fields |", "|---|---|---|"]
    fields = event_fields()
    for event in Event:
        names = ", ".join(f"`{name}`" for name in sorted(fields[event])) or "none"
        lines.append(f"| `{event.name}` | {event.value} | {names} |")
    by_metric = {metric: name for name, (metric, _) in alarms().items()}
    lines += ["", _METRICS, "| metric | one is added when | alarm |", "|---|---|---|"]
    for metric in Metric:
        alarm = by_metric.get(metric.value)
        shown = f"`{alarm}`" if alarm else "none"
        lines.append(f"| `{metric.value}` | {_COUNTED[metric]} | {shown} |")
    return "\n".join(lines) + "\n"


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")
