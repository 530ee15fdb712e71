"""An answer as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.answer import Answer, CheckAnswer, Waits
from simulator.costs import CostAnswer, together
from simulator.plan import Plan


def lines(plan: Plan, answer: Answer, costs: tuple[CostAnswer, ...]) -> Iterator[str]:
    """The lines of the table."""
    for check in answer.checks:
        yield from _check(check)
    if len(answer.clients) > len(answer.checks):
        yield ""
        yield from grid(
            ["check", "client", "offered", "p50", "p95", "p99", "longest"],
            [
                [client.check, client.client, str(client.offered), *_cells(client.put_to_decision)]
                for client in answer.clients
            ],
        )
    yield ""
    yield from _use(answer)
    yield ""
    yield from grid(
        ["a thousand cost", "units", "USD", ""],
        [
            [
                item.item,
                f"{item.units:,.6g}",
                "open" if item.usd is None else f"{item.usd:.4f}",
                "counted" if item.counted else "assumed",
            ]
            for item in costs
        ],
    )
    yield f"together {together(costs):.4f} USD, without the vendor's calls"
    if answer.unfinished:
        yield ""
        yield f"{answer.unfinished} of {len(plan.arrivals)} verifications did not end"


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns of the width that they need: the first ones to the left, numbers to the right."""
    widths = [max(len(cells[number]) for cells in (head, *rows)) for number in range(len(head))]
    for cells in (head, *rows):
        aligned = (
            cell.ljust(width) if cell[:1].isalpha() or not cell else cell.rjust(width)
            for cell, width in zip(cells, widths, strict=True)
        )
        yield "  ".join(aligned).rstrip()


def _check(check: CheckAnswer) -> Iterator[str]:
    yield (
        f"{check.check}: {check.offered:,} verifications, quota {check.quota:g}/s, pace "
        f"{check.pace:g}/s, vendor {check.latency_p50:g} s (p95 {check.latency_p95:g} s)"
        f", {check.concurrency} runs at once"
    )
    for decision, count in check.decisions.items():
        yield f"  {count:,} {decision.replace('/', ', ')}"
    yield f"  {check.calls:,} paid calls, {check.throttled:,} throttled"
    if check.is_burst and check.ratio is not None:
        yield (
            f"  drained in {check.drain_seconds:,.1f} s; from the first call to the last "
            f"{check.calls_seconds:,.1f} s, which is {check.ratio:.3f} of the limit's "
            f"{check.limit_seconds:,.1f} s"
        )
    yield from (
        "  " + line
        for line in grid(
            ["seconds", "p50", "p95", "p99", "longest"],
            [
                ["from upload to decision", *_cells(check.put_to_decision)],
                ["from upload to webhook", *_cells(check.put_to_webhook)],
            ],
        )
    )


def _use(answer: Answer) -> Iterator[str]:
    use = answer.use
    yield from grid(
        ["function", "runs", "cold starts", "GB-seconds", "at once"],
        [
            [
                name,
                f"{one.runs:,}",
                f"{one.cold_starts:,}",
                f"{one.gb_seconds:,.1f}",
                f"{one.most:,}",
            ]
            for name, one in use.functions.items()
        ],
    )
    yield (
        f"{use.record_writes:,} writes and {use.record_reads:,} reads of records, "
        f"{use.quota_writes:,} of quotas, {use.messages:,} messages "
        f"(received at most {use.most_receives} times), {use.skipped_runs:,} runs without work"
    )
    if use.dropped or use.stuck or use.no_memory:
        yield (
            f"{use.dropped:,} messages dropped, {use.stuck:,} alarms for stuck steps, "
            f"{use.no_memory:,} tries without memory"
        )
    if use.most_memory_mb is not None:
        yield f"{use.most_memory_mb:,.0f} MB of functions at once"


def _cells(waits: Waits) -> list[str]:
    return [
        "-" if seconds is None else f"{seconds:,.1f}"
        for seconds in (waits.p50, waits.p95, waits.p99, waits.most)
    ]
