"""A call that cannot fit into its function's time is refused before it is tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from liveproof.clouds.tencent import runtime as tencent
from liveproof.domain import run_times
from liveproof.runtime import step_function
from liveproof.settings import SettingsError
from liveproof.use_cases.run_check import require_fit, require_times
from tests.support.deployment import PAID, Deployment, verdict_code

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("limit", "timeout", "fits"),
    [(120, 30, True), (120, 96, True), (120, 97, False), (120, 109, False), (30, 5, True)],
)
def test_the_call_timeout_needs_room_in_the_functions_time(
    limit: float, timeout: float, fits: bool
) -> None:
    if fits:
        require_fit(limit, timeout)
        return
    with pytest.raises(SettingsError) as refused:
        require_fit(limit, timeout)
    assert f"LIVEPROOF_CALL_TIMEOUT_SECONDS is {timeout:g} seconds" in str(refused.value)
    assert f"stopped after {limit:g}" in str(refused.value)
    assert "at most 96" in str(refused.value)


def test_a_function_whose_time_is_too_short_for_any_call_may_make_one_of_no_seconds() -> None:
    with pytest.raises(SettingsError, match=r"a call may take at most 0[.]"):
        require_fit(10, 5)


@pytest.mark.parametrize("limit", [30, 35, 60, 120, 165, 900])
def test_the_longest_call_that_is_taken_leaves_room_for_everything_before_it(
    limit: float,
) -> None:
    longest = run_times.longest_call_seconds(limit, run_times.SHORTEST_PREPARE_SECONDS)
    left = limit - run_times.MARGIN_SECONDS

    assert run_times.preparing_seconds(left, longest) == run_times.SHORTEST_PREPARE_SECONDS
    assert run_times.preparing_seconds(left, 0.1) <= run_times.PREPARE_SECONDS


def test_a_run_ends_a_second_before_its_function_is_stopped() -> None:
    assert run_times.seconds_left(100_000, 40_000) == 59.0
    assert run_times.seconds_left(100_000, 97_900) == 1.1
    assert run_times.seconds_left(100_000, 98_100) == 1.0
    assert run_times.seconds_left(100_000, 200_000) == 1.0


@pytest.mark.parametrize("call_timeout", [59, 96])
@pytest.mark.parametrize("wait", [0, 9_900])
def test_what_is_not_refused_makes_its_call_after_the_longest_preparation(
    monkeypatch: pytest.MonkeyPatch, call_timeout: int, wait: int
) -> None:
    deployment = Deployment(call_timeout_seconds=call_timeout)
    left = 120 - run_times.MARGIN_SECONDS
    seconds = run_times.preparing_seconds(left, call_timeout)
    deployment.check.prepare_takes_ms = round(seconds * 1000) - 10
    entry = deployment.ready()
    prepare = deployment.check.prepare

    def late_for_its_slot(*arguments: Any) -> dict[str, Any]:
        parameters = prepare(*arguments)
        deployment.quota.next_at[PAID] = deployment.clock.now() + wait
        return parameters

    monkeypatch.setattr(deployment.check, "prepare", late_for_its_slot)

    after = deployment.run_check(entry, seconds=120)

    assert verdict_code(after)[1] == "passed"
    assert deployment.check.prepared == 1


def test_times_that_do_not_fit_are_refused_before_any_message_is_handled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A call of 109 s in a run of 120 s relayed the faces for ever and made no call."""
    handled: list[str] = []
    deployment = Deployment(call_timeout_seconds=109)
    handler = step_function(
        lambda dependencies, verification_id, deadline: handled.append(verification_id),
        require=require_times,
    )
    runtime = "liveproof.clouds.aws.runtime.dependencies"
    monkeypatch.setenv("LIVEPROOF_CLOUD", "aws")
    monkeypatch.setattr(runtime, lambda context: deployment.dependencies)
    event = {
        "Records": [
            {
                "messageId": "1",
                "body": '{"id": "ver_00000000000000000000000001"}',
                "eventSource": "aws:sqs",
            }
        ]
    }

    with pytest.raises(SettingsError, match="LIVEPROOF_CALL_TIMEOUT_SECONDS is 109"):
        handler(event, Context(120_000))
    assert handled == []
    handler(event, Context(140_000))
    assert handled == ["ver_00000000000000000000000001"]


def test_a_function_in_which_a_repeated_run_would_never_fit_is_refused_on_tencent_cloud() -> None:
    """A function of 30 s took calls of 5 s: after a wait of 2 s inside it no call ever fitted."""
    deployment = Deployment(call_timeout_seconds=5)

    def time_limit(milliseconds: int) -> float:
        context = {
            "function_name": "run_check",
            "request_id": "r",
            "time_limit_in_ms": milliseconds,
        }
        return tencent.invocation(context).time_limit

    with pytest.raises(SettingsError, match="LIVEPROOF_CALL_TIMEOUT_SECONDS is 5"):
        require_times(deployment.dependencies, time_limit(30_000))
    require_times(deployment.dependencies, time_limit(32_000))


class Context:
    """Lambda's."""

    function_name = "run_check"
    aws_request_id = "request-1"

    def __init__(self, left: int) -> None:
        self._left = left

    def get_remaining_time_in_millis(self) -> int:
        return self._left


def test_only_run_check_makes_calls_and_is_held_to_their_time() -> None:
    text = {
        name: (ROOT / "functions" / name / "handler.py").read_text(encoding="utf-8")
        for name in ("run_check", "verify_upload", "deliver_result")
    }
    assert [name for name, code in text.items() if "require_times" in code] == ["run_check"]
