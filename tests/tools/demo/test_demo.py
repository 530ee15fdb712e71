"""The demo's judgement: its table, its ledger, its last line, its exit status."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from liveproof import facts
from liveproof.domain.verification import Decision
from tools.demo import demo, scenarios
from tools.demo.demo import SEQUENCE_ACTION, compare_ledger, verdict
from tools.demo.runner import Outcome
from tools.demo.scenarios import Scenario
from tools.demo.table import Paint
from tools.demo.user_files import UserFiles

SEQUENCE = {"action": SEQUENCE_ACTION, "scenario": "pass"}


@pytest.fixture(scope="module")
def expected_scenarios() -> list[Scenario]:
    return scenarios.all_scenarios(random.Random(1), UserFiles())


def good(scenario: Scenario) -> Outcome:
    return Outcome(scenario, scenario.decision, scenario.reason, verified=True)


def calls_of(expected_scenarios: list[Scenario]) -> list[dict[str, str]]:
    calls = [
        {"action": scenario.action, "scenario": name}
        for scenario in expected_scenarios
        for name in scenario.calls
    ]
    return [SEQUENCE, *calls]


def test_every_check_has_a_scenario_of_each_kind_of_decision_and_the_demo_one_expiry(
    expected_scenarios: list[Scenario],
) -> None:
    for check in facts.checks():
        decisions = {
            scenario.decision for scenario in expected_scenarios if scenario.check == check
        }
        assert decisions >= {scenario.value for scenario in Decision} - {"expired"}, check
    assert [scenario.name for scenario in expected_scenarios if scenario.decision == "expired"] == [
        "reflect-expiry"
    ]


def test_every_scenario_has_a_name_of_its_own_and_expects_its_reasons_decision(
    expected_scenarios: list[Scenario],
) -> None:
    assert len({scenario.name for scenario in expected_scenarios}) == len(expected_scenarios)
    for scenario in expected_scenarios:
        assert scenario.decision == facts.reasons()[scenario.reason].decision.value, scenario.name


def test_a_challenge_is_among_the_video_scenarios(expected_scenarios: list[Scenario]) -> None:
    kinds = {
        scenario.challenge["type"]
        for scenario in expected_scenarios
        if scenario.challenge is not None
    }
    assert kinds == {"lip", "action"}


def test_every_passing_film_has_to_leave_a_frame_of_itself(
    expected_scenarios: list[Scenario],
) -> None:
    for scenario in expected_scenarios:
        film = scenario.decision == "passed" and "video" in scenario.files
        assert scenario.frame_of_video is film, scenario.name


def test_the_light_sequence_comes_before_the_first_reflect_verification(
    expected_scenarios: list[Scenario],
) -> None:
    assert [scenario.light_sequence for scenario in expected_scenarios] == [True] + [False] * (
        len(expected_scenarios) - 1
    )
    assert expected_scenarios[0].check == "reflect"


class Recorder:
    """A player that records the order of its calls."""

    def __init__(self, sequence_problems: list[str]) -> None:
        self.steps: list[str] = []
        self._sequence_problems = sequence_problems

    def fetch_sequence(self, scenario: Scenario) -> list[str]:
        self.steps.append(f"sequence for {scenario.name}")
        return list(self._sequence_problems)

    def run(self, scenario: Scenario) -> Outcome:
        self.steps.append(scenario.name)
        return good(scenario)

    def stop(self) -> None:
        self.steps.append("stop")


def test_the_sequence_is_fetched_first_and_then_the_expiry_begins(
    expected_scenarios: list[Scenario],
) -> None:
    recorder = Recorder([])
    outcomes = demo.run_all(recorder, expected_scenarios)
    assert recorder.steps[:2] == ["sequence for reflect-pass", "reflect-expiry"]
    assert [outcome.scenario for outcome in outcomes] == expected_scenarios
    assert not any(outcome.problems for outcome in outcomes)


def test_a_sequence_that_did_not_come_is_a_problem_of_its_scenario(
    expected_scenarios: list[Scenario],
) -> None:
    first, *others = demo.run_all(Recorder(["no sequence"]), expected_scenarios)
    assert first.problems == ["no sequence"]
    assert not any(other.problems for other in others)


def test_all_as_expected_is_said_in_the_last_line_and_exits_zero(
    expected_scenarios: list[Scenario], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdict([good(scenario) for scenario in expected_scenarios], []) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "demo: 21 of 21 verifications ended as expected, 21 webhooks verified"


def test_one_problem_or_one_unverified_webhook_or_one_surplus_call_fails_the_demo(
    expected_scenarios: list[Scenario], capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = [good(scenario) for scenario in expected_scenarios]
    assert verdict(outcomes, ["2 calls of X with scenario pass, expected 1"]) == 1
    outcomes[0].verified = False
    assert verdict(outcomes, []) == 1
    outcomes[0].verified = True
    outcomes[1].problems.append("no decision")
    assert verdict(outcomes, []) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "demo: 20 of 21 verifications ended as expected, 21 webhooks verified"


def test_the_ledger_has_one_call_for_each_judged_verification_and_none_for_the_others(
    expected_scenarios: list[Scenario],
) -> None:
    assert compare_ledger(expected_scenarios, calls_of(expected_scenarios)) == []
    assert {scenario["action"] for scenario in calls_of(expected_scenarios)} == {
        *(check.apis[0] for check in facts.checks().values()),
        SEQUENCE_ACTION,
    }


def test_a_missing_repeated_or_foreign_call_of_any_action_is_a_problem(
    expected_scenarios: list[Scenario],
) -> None:
    for call in calls_of(expected_scenarios):
        rest = calls_of(expected_scenarios)
        rest.remove(call)
        assert len(compare_ledger(expected_scenarios, rest)) == 1
        assert len(compare_ledger(expected_scenarios, [call, *calls_of(expected_scenarios)])) == 1
    foreign = {"action": "LivenessCompare", "scenario": "pass"}
    assert compare_ledger(expected_scenarios, [foreign, *calls_of(expected_scenarios)]) == [
        "1 calls of LivenessCompare with scenario pass, expected 0"
    ]


def test_a_call_with_another_checks_scenario_is_a_problem(
    expected_scenarios: list[Scenario],
) -> None:
    one = [
        scenario
        for scenario in expected_scenarios
        if scenario.name in ("photo-copy", "video-spoof")
    ]
    assert sum((call.calls for call in one), Counter()) == {"photographed": 1, "spoof": 1}
    swapped = [
        {"action": "DetectLiveFaceAccurate", "scenario": "spoof"},
        {"action": "VideoLivenessCompare", "scenario": "photographed"},
    ]
    assert len(compare_ledger(one, swapped)) == 4


def test_calls_that_only_bring_files_to_the_vendor_are_not_counted(
    expected_scenarios: list[Scenario],
) -> None:
    free = [{"action": "CreateUploadUrl", "scenario": "pass"}]
    assert compare_ledger(expected_scenarios, free + calls_of(expected_scenarios)) == []


def test_a_row_shows_expected_and_got_and_milliseconds_and_the_best_frame(
    expected_scenarios: list[Scenario],
) -> None:
    outcome = good(expected_scenarios[0])
    outcome.timings.update(create=0.0123, webhook=1.5)
    outcome.frame = "frame 3 of 9"
    assert demo.row(outcome, Paint(False)) == [
        "reflect-pass", "reflect", "passed", "passed", "passed", "12", "-", "-", "1500",
        "frame 3 of 9", "yes",
    ]  # fmt: skip
