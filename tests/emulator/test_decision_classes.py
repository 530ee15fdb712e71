"""Every class of outcome that liveproof tells apart can be played by every action that judges."""

import json
from pathlib import Path

import pytest

import liveproof
from liveproof_emulator.catalogue import Catalogue

CATALOGUE = Catalogue()
DATA = Path(liveproof.__file__).parent / "data"
TABLES = {
    service: {
        code: entry["class"]
        for code, entry in json.loads((DATA / "codes" / f"{service}.json").read_text("utf-8"))[
            "codes"
        ].items()
    }
    for service in ("faceid", "iai")
}
MEANT_TO_BE_UNKNOWN = {"FailedOperation.NotInAnyList", "InternalError.NotInAnyList"}
JUDGES = [name for name, action in CATALOGUE.actions.items() if action.has_codes]


@pytest.mark.parametrize("name", JUDGES)
def test_every_class_has_a_scenario_or_a_fault(name: str) -> None:
    action = CATALOGUE.actions[name]
    classes = TABLES[action.service]
    codes = {scenario.text("code") for scenario in action.scenarios.values()}
    codes |= {fault.code for fault in CATALOGUE.faults.values() if fault.effect == "error"}
    reached = {classes[code] for code in codes if code in classes}
    # A score is no code: with IAI it passes or rejects.
    by_score = {"passed", "rejected"} if action.service == "iai" else set()
    assert reached | by_score >= {
        "passed", "rejected", "bad_input", "retryable", "rate_limited",
    }  # fmt: skip
    assert "operator_action" in reached or name == "DetectReflectLivenessAndCompare"


@pytest.mark.parametrize("name", JUDGES)
def test_every_code_of_a_scenario_is_in_liveproof_s_table(name: str) -> None:
    action = CATALOGUE.actions[name]
    codes = {scenario.text("code") for scenario in action.scenarios.values()} - {None}
    assert codes - set(TABLES[action.service]) == MEANT_TO_BE_UNKNOWN
