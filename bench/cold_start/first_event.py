"""From nothing to the first event's answer: import, and one real event, in a fresh interpreter.

A lazy import only moves time from the import to the event; here both are measured. The events use a
deployed local cloud whose own workers are stopped: each verification goes through all functions in
interpreters that are started for one event.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.cold_start import first_event_aws, first_event_tencent
from bench.cold_start.first_event_times import Times
from bench.figure import Figure
from tools.local import cloud

_ROUNDS = 7


def measure() -> Iterator[Figure]:
    """One figure per cloud and function.

    Raises:
        BenchError: an event was refused, or a verification did not come to its end.
    """
    times = Times()
    with cloud.run_cloud("aws") as local_cloud:
        lambdas = first_event_aws.Rounds(local_cloud, times)
        for _ in range(_ROUNDS + 1):
            lambdas.measure_once()
        lambdas.require_rest()
    yield from times.figures("first_event.aws", first_event_aws.BASELINE, first_event_aws.GOALS)
    times = Times()
    with cloud.run_cloud("tencent", first_event_tencent.RESTING) as local_cloud:
        functions = first_event_tencent.Rounds(local_cloud, times)
        for _ in range(_ROUNDS + 1):
            functions.measure_once()
        functions.require_rest()
    yield from times.figures("first_event.tencent", first_event_tencent.BASELINE, {})
