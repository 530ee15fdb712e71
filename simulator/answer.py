"""What a run of a plan says, as values: the command's JSON, and what its tables are made of."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from simulator.defaults import latency_of
from simulator.plan import Plan
from simulator.simulation import Simulation, Trace
from simulator.tencent import Tencent
from simulator.vendor import VendorCall

_WRITE_UNITS = ("write_unit", "quota", "quota_refused", "endpoint")
"""The operations that cost write units of DynamoDB, one each."""

MICROSECONDS = 1_000_000
"""In a second."""


class Waits(Struct, frozen=True):
    """Percentiles in seconds; None where nothing was measured."""

    p50: float | None
    p95: float | None
    p99: float | None
    most: float | None


class GroupAnswer(Struct, frozen=True, tag_field="answer", tag="client"):
    """One client of one check.

    Attributes:
        put_to_decision: from the last file's upload to the decision.
        put_to_webhook: to the webhook that the client took.
    """

    check: str
    client: str
    offered: int
    decided: int
    put_to_decision: Waits
    put_to_webhook: Waits


class CheckAnswer(Struct, frozen=True, tag_field="answer", tag="check"):
    """One check.

    Attributes:
        quota: the vendor's limit, per second.
        pace: the setting `calls_per_second`.
        concurrency: runs at once: the event source's on AWS, permits on Tencent Cloud.
        is_burst: everything arrived at one moment.
        decisions: how many ended how, by decision and reason.
        calls: paid calls that the vendor took; more than `offered` if some were repeated.
        throttled: paid calls that came above the limit.
        drain_seconds: from the first upload to the last decision.
        calls_seconds: from the first paid call to the last.
        limit_seconds: what so many calls take at the vendor's limit.
        ratio: calls_seconds divided by limit_seconds; of a burst, how much of the limit is used.
    """

    check: str
    quota: float
    pace: float
    concurrency: int
    latency_p50: float
    latency_p95: float
    is_burst: bool
    offered: int
    decided: int
    decisions: dict[str, int]
    calls: int
    throttled: int
    drain_seconds: float | None
    calls_seconds: float | None
    limit_seconds: float | None
    ratio: float | None
    put_to_decision: Waits
    put_to_webhook: Waits


class FunctionUse(Struct, frozen=True):
    """What a function's runs use. `most` ran at once."""

    runs: int
    cold_starts: int
    gb_seconds: float
    most: int


class UseAnswer(Struct, frozen=True, tag_field="answer", tag="use"):
    """What all verifications use together.

    Attributes:
        write_units: of DynamoDB, those of quotas and endpoints included (AWS).
        endpoint_writes: changes of the endpoints' rows.
        messages: requested steps and notifications of the bucket.
        grouped_messages: of those, such as have a group of a fair queue (AWS).
        most_receives: of one message.
        skipped_runs: runs that found nothing to do, such as those of a second message.
        dropped: messages that no function handled, after all tries.
        stuck: alarms for steps that were requested again and again.
        no_memory: tries of events that found no memory in the region (Tencent Cloud).
        most_memory_mb: of all functions that ran at once (Tencent Cloud).
        seconds: virtual time of the run.
    """

    record_writes: int
    write_units: int
    record_reads: int
    quota_writes: int
    bucket_requests: int
    messages: int
    grouped_messages: int
    most_receives: int
    skipped_runs: int
    dropped: int
    stuck: int
    no_memory: int
    most_memory_mb: float | None
    functions: dict[str, FunctionUse]
    seconds: float
    endpoint_writes: int = 0


class Answer(Struct, frozen=True):
    """Everything that a run says. `unfinished` verifications have no decision, or no webhook."""

    checks: tuple[CheckAnswer, ...]
    clients: tuple[GroupAnswer, ...]
    use: UseAnswer
    unfinished: int


def build_answer(run: Simulation) -> Answer:
    """The answer of a simulation that has run."""
    plan = run.plan
    by_check: defaultdict[str, list[Trace]] = defaultdict(list)
    by_client: defaultdict[tuple[str, str], list[Trace]] = defaultdict(list)
    for trace in run.traces:
        by_check[trace.check].append(trace)
        by_client[trace.check, trace.client].append(trace)
    calls: defaultdict[str, list[VendorCall]] = defaultdict(list)
    for call in run.vendor.calls:
        calls[call.check].append(call)
    return Answer(
        checks=tuple(
            _check(plan, check, traces, calls[check]) for check, traces in by_check.items()
        ),
        clients=tuple(
            GroupAnswer(
                check,
                client,
                len(traces),
                sum(trace.decided_at is not None for trace in traces),
                _to_decision(traces),
                _to_webhook(traces),
            )
            for (check, client), traces in by_client.items()
        ),
        use=_use(run),
        unfinished=len(plan.arrivals) - run.finished,
    )


def _check(
    plan: Plan, check: str, traces: Sequence[Trace], calls: Sequence[VendorCall]
) -> CheckAnswer:
    latency = plan.latency.get(check) or latency_of(check)
    taken = [call.at for call in calls if not call.throttled]
    put = [trace.put_at for trace in traces if trace.put_at is not None]
    decided = [trace.decided_at for trace in traces if trace.decided_at is not None]
    calls_seconds = _seconds(taken[-1] - taken[0]) if taken else None
    limit_seconds = _seconds((len(taken) - 1) / plan.quota_of(check) * MICROSECONDS)
    return CheckAnswer(
        check=check,
        quota=plan.quota_of(check),
        pace=round(plan.pace_of(check), 3),
        concurrency=plan.concurrency_of(check),
        latency_p50=latency.p50 / 1000,
        latency_p95=latency.p95 / 1000,
        is_burst=len({arrival.at for arrival in plan.arrivals if arrival.check == check}) == 1,
        offered=len(traces),
        decided=len(decided),
        decisions=dict(
            sorted(Counter(f"{trace.decision}/{trace.reason}" for trace in traces).items())
        ),
        calls=len(taken),
        throttled=len(calls) - len(taken),
        drain_seconds=_seconds(max(decided) - min(put)) if decided else None,
        calls_seconds=calls_seconds,
        limit_seconds=limit_seconds if len(taken) > 1 else None,
        ratio=(
            round(calls_seconds / limit_seconds, 3)
            if calls_seconds is not None and len(taken) > 1
            else None
        ),
        put_to_decision=_to_decision(traces),
        put_to_webhook=_to_webhook(traces),
    )


def _use(run: Simulation) -> UseAnswer:
    meter = run.meter
    names = [*meter.runs]
    most = {name: function.most for name, function in run.functions.items()}
    scf = run.platform.scf if isinstance(run.platform, Tencent) else None
    operations: Mapping[str, int] = meter.operations
    return UseAnswer(
        record_writes=operations["record_write"],
        write_units=sum(operations[name] for name in _WRITE_UNITS),
        record_reads=operations["record_read"],
        quota_writes=operations["quota"],
        endpoint_writes=operations["endpoint"],
        bucket_requests=sum(operations[f"bucket_{verb}"] for verb in ("get", "put", "head")),
        messages=operations["message"],
        grouped_messages=operations["grouped_message"],
        most_receives=max(meter.receives, default=0),
        skipped_runs=meter.events["STEP_SKIPPED"],
        dropped=run.platform.dead_letters,
        stuck=meter.events["STEP_STUCK"],
        no_memory=meter.retries["no_memory"],
        most_memory_mb=scf.most_memory_mb if scf else None,
        functions={
            name: FunctionUse(
                meter.runs[name],
                meter.cold_starts[name],
                round(meter.gb_seconds[name], 3),
                most.get(name, 0),
            )
            for name in sorted(names)
        },
        seconds=_seconds(run.engine.now),
    )


def _to_decision(traces: Iterable[Trace]) -> Waits:
    return _waits(
        trace.decided_at - trace.put_at
        for trace in traces
        if trace.decided_at is not None and trace.put_at is not None
    )


def _to_webhook(traces: Iterable[Trace]) -> Waits:
    return _waits(
        trace.delivered_at - trace.put_at
        for trace in traces
        if trace.delivered_at is not None and trace.put_at is not None
    )


def _waits(microseconds: Iterable[int]) -> Waits:
    ordered = sorted(microseconds)
    p50, p95, p99, most = (percentile(ordered, share) for share in (0.5, 0.95, 0.99, 1.0))
    return Waits(p50, p95, p99, most)


def percentile(ordered: Sequence[int], share: float) -> float | None:
    """The smallest value, in seconds, that at least this share of all values does not exceed."""
    if not ordered:
        return None
    return _seconds(ordered[max(0, math.ceil(share * len(ordered)) - 1)])


def _seconds(microseconds: float) -> float:
    return round(microseconds / MICROSECONDS, 3)
