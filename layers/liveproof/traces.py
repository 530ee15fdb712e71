"""Spans of a run, sent to a collector by OTLP over HTTP in JSON. Imported where traces are on.

OpenTelemetry's SDK with its exporter takes 180 ms to import after everything that a function has
anyway (a third of `run_check`'s own import) and 2.2 MB of every package; it retries on its own time
and cannot sign for X-Ray. A run needs one request, so this is that request, through `outbound`.
Source: OpenTelemetry Protocol 1.7, "OTLP/HTTP" and "JSON Protobuf Encoding".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from liveproof.observability.trace_context import Span
from liveproof.observability.wide_event import Field, WideEvent
from liveproof.outbound.connection import Pool
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.exchange import exchange
from liveproof.outbound.urls import parse_target

SECONDS = 1.0
"""For sending a run's spans, whatever becomes of them."""

_MAX_ANSWER_BYTES = 64 * 1024
_INTERNAL, _SERVER, _CONSUMER = 1, 2, 5
_KINDS = {"http": _SERVER, "message": _CONSUMER, "upload": _CONSUMER}
_ERROR = 2
_pool = Pool()

Sign = Callable[[str, Mapping[str, str], bytes], Mapping[str, str]]
"""Headers for a URL, the headers so far and the body."""


class TraceLost(Exception):
    """The collector did not take a run's spans. The text has its status."""


def export(event: WideEvent, url: str, sender: str, seconds: float, sign: Sign) -> None:
    """Send the spans of a run that has ended.

    Args:
        url: of the collector, with the path of traces.
        sender: attributes of the resource, NAME=VALUE, comma separated.
        seconds: the function's time left; no more than `SECONDS` are used.

    Raises:
        TraceLost: the collector answered with something else than 2xx.
        ExchangeFailed: it gave no answer.
    """
    spans = list(_spans(event))
    if not spans:
        return
    resource: dict[str, Field] = {"service.name": "liveproof"}
    resource |= dict(part.split("=", 1) for part in sender.split(",") if part)
    document = {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(resource)},
                "scopeSpans": [{"scope": {"name": "liveproof"}, "spans": spans}],
            }
        ]
    }
    body = msgspec.json.encode(document)
    headers = sign(url, {"Content-Type": "application/json"}, body)
    with exchange(
        "POST",
        parse_target(url),
        headers,
        body,
        deadline=Deadline(min(SECONDS, seconds)),
        connect_seconds=SECONDS,
        pool=_pool,
    ) as response:
        response.whole(_MAX_ANSWER_BYTES)
        if not 200 <= response.status < 300:
            raise TraceLost(f"the collector of traces answered {response.status}")


def _spans(event: WideEvent) -> Iterator[dict[str, Any]]:
    """A span for each verification; one for a request that touched none; none for idle sweeps."""
    trace = event.trace
    if trace is None:
        return
    fields = event.fields()
    for verification in event.verifications:
        before = trace.before(verification)
        links = [before] if before and before.trace != trace.span_of(verification).trace else []
        parent = None if links else before
        links += [trace.caller] if trace.caller else []
        yield _span(
            event, trace.span_of(verification), parent, links, fields, verification=verification
        )
    if not event.verifications and fields.get("trigger") == "http":
        yield _span(event, trace.span(), trace.caller, [], fields)


def _span(
    event: WideEvent,
    span: Span,
    parent: Span | None,
    links: list[Span],
    fields: Mapping[str, Field],
    **attributes: Field,
) -> dict[str, Any]:
    function = str(fields.get("function", ""))
    document: dict[str, Any] = {
        "traceId": span.trace,
        "spanId": span.id,
        "name": str(fields.get("route") or function.rpartition("-")[2]),
        "kind": _KINDS.get(str(fields.get("trigger")), _INTERNAL),
        "startTimeUnixNano": str(event.began_at),
        "endTimeUnixNano": str(event.began_at + event.took_ns),
        "attributes": _attributes(
            {f"liveproof.{name}": value for name, value in {**fields, **attributes}.items()}
        ),
        "links": [{"traceId": link.trace, "spanId": link.id} for link in links],
    }
    if parent is not None:
        document["parentSpanId"] = parent.id
    if fields.get("outcome") == "failed":
        document["status"] = {"code": _ERROR}
    return document


def _attributes(values: Mapping[str, Field]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in values.items()]


def _value(value: Field) -> dict[str, Any]:
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": str(value)}
