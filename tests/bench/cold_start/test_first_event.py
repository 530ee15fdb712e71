"""What first events are measured as."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bench import verifications
from bench.cold_start import first_event_times
from bench.cold_start.first_event_times import Times
from bench.figure import BenchError
from bench.interpreters import Program


def test_the_first_round_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: Iterator[float] = iter([900.0, 800.0, 10.0, 20.0, 12.0, 24.0, 11.0, 99.0])
    monkeypatch.setattr(first_event_times, "run_once", lambda program: (next(taken), program.input))
    times = Times()
    for number in range(4):
        times.baseline(Program(""))
        assert times.event("sweep", Program("", number)) == number
    (figure,) = times.figures("first_event.aws", "a floor", {"sweep": 3.0})
    document = json.loads(figure.line())
    assert (document["figure"], document["value"]) == ("first_event.aws.sweep", 24.0)
    assert (document["goal_ratio_at_most"], document["goal_met"]) == (3.0, True)
    assert (document["baseline"], document["baseline_name"]) == (11.0, "a floor")


@pytest.mark.parametrize(
    "changed",
    [{"decision": "failed"}, {"delivery": None}, {"delivery": {"state": "pending"}}],
)
def test_a_verification_that_did_not_come_to_its_end_is_no_measurement(
    changed: dict[str, Any],
) -> None:
    ended: dict[str, Any] = {
        "id": "ver_1",
        "status": "decided",
        "reason": None,
        "decision": "passed",
        "delivery": {"state": "delivered"},
    }
    verifications.require_passed(ended)
    with pytest.raises(BenchError, match="ver_1 ended as"):
        verifications.require_passed({**ended, **changed})
