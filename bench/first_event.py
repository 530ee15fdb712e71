"""From nothing to the first event's answer: import, and one real event, in a fresh interpreter.

A lazy import only moves time from the import to the event; here nothing can hide. What the events
meet is a deployed local cloud whose own workers rest, so each verification is taken through all of
its functions by interpreters started for one event each.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench import first_event_aws, first_event_tencent
from bench.figure import Figure
from bench.first_event_times import Times
from tools.local import cloud

_ROUNDS = 7


def measure() -> Iterator[Figure]:
    """One figure per cloud and function.

    Raises:
        BenchError: an event was refused, or a verification did not come to its end.
    """
    times = Times()
    with cloud.running("aws") as running:
        lambdas = first_event_aws.Rounds(running, times)
        for _ in range(_ROUNDS + 1):
            lambdas.play()
        lambdas.require_rest()
    yield from times.figures("first_event.aws", first_event_aws.BASELINE)
    times = Times()
    with cloud.running("tencent", first_event_tencent.RESTING) as running:
        functions = first_event_tencent.Rounds(running, times)
        for _ in range(_ROUNDS + 1):
            functions.play()
        functions.require_rest()
    yield from times.figures("first_event.tencent", first_event_tencent.BASELINE)
