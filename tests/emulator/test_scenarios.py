"""How the scenario of a call is chosen, for every product."""

import pytest

from liveproof_emulator.faults import OnceFaults
from liveproof_emulator.ledger import Entry
from liveproof_emulator.model import Fault, Scenario
from liveproof_emulator.scenarios import Choice, NotExecutedError, ScenarioNameError

SCENARIOS = {name: Scenario(name, "") for name in ("pass", "spoof", "dark")}
FAULTS = {
    "hang": Fault("hang", "", "silence", executed=False),
    "relabel": Fault("relabel", "", "relabel", executed=True),
    "cut-once": Fault("cut-once", "", "cut", executed=True, once=True),
}


def file(name: str | None) -> bytes:
    return b"x" if name is None else f"x\nliveproof-scenario: {name}\n".encode()


def choice(queued: Scenario | Fault | None = None, once: OnceFaults | None = None) -> Choice:
    return Choice("Action", SCENARIOS, FAULTS, once or OnceFaults(), queued)


def recorded(chosen: Choice) -> tuple[str | None, str | None, str | None]:
    entry = Entry("", "Action", "", "", code="Success")
    chosen.record(entry)
    return entry.scenario, entry.fault, entry.code


@pytest.mark.parametrize(
    ("names", "scenario"),
    [([], "pass"), ([None], "pass"), ([None, "spoof"], "spoof"), (["spoof", "spoof"], "spoof")],
)
def test_files_choose_the_scenario(names: list[str | None], scenario: str) -> None:
    chosen = choice()
    assert chosen.choose(*map(file, names)).name == scenario
    assert recorded(chosen) == (scenario, None, "Success")


@pytest.mark.parametrize("names", [["spoof", "dark"], ["nothing"], ["nothing", None]])
def test_two_names_and_an_unknown_name_are_refused(names: list[str | None]) -> None:
    with pytest.raises(ScenarioNameError, match="emulator: "):
        choice().choose(*map(file, names))


def test_a_queued_scenario_wins_over_the_files() -> None:
    chosen = choice(SCENARIOS["dark"])
    chosen.apply_queued_fault()
    assert chosen.choose(file("spoof")).name == "dark"
    assert recorded(chosen) == ("dark", None, "Success")


def test_a_queued_scenario_does_not_hide_that_a_file_names_nothing() -> None:
    with pytest.raises(ScenarioNameError):
        choice(SCENARIOS["dark"]).choose(file("nothing"))


def test_a_fault_of_a_file_passes_unless_it_keeps_from_executing() -> None:
    executed, not_executed = choice(), choice()
    assert executed.choose(file("relabel")).name == "pass"
    with pytest.raises(NotExecutedError) as raised:
        not_executed.choose(file("hang"))
    assert raised.value.fault is FAULTS["hang"]
    assert recorded(executed) == ("relabel", "relabel", "Success")
    assert recorded(not_executed) == ("hang", "hang", None)


def test_a_queued_fault_wins_over_a_fault_of_the_files_and_leaves_the_scenario() -> None:
    by_fault, by_scenario = choice(FAULTS["relabel"]), choice(FAULTS["relabel"])
    for chosen in (by_fault, by_scenario):
        chosen.apply_queued_fault()
    by_fault.choose(file("hang"))
    assert by_scenario.choose(file("spoof")).name == "spoof"
    assert by_fault.fault is by_scenario.fault is FAULTS["relabel"]
    assert recorded(by_scenario) == ("spoof", "relabel", "Success")


def test_a_queued_fault_that_is_not_executed_happens_before_the_files_are_read() -> None:
    chosen = choice(FAULTS["hang"])
    with pytest.raises(NotExecutedError):
        chosen.apply_queued_fault()
    assert recorded(chosen) == ("hang", "hang", None)


def test_a_once_fault_happens_on_every_other_call_with_the_same_files() -> None:
    once = OnceFaults()
    faults = []
    for body in (file("cut-once"), file("cut-once"), b"y" + file("cut-once"), file("cut-once")):
        chosen = choice(once=once)
        chosen.choose(body)
        faults.append(chosen.fault and chosen.fault.name)
    assert faults == ["cut-once", None, "cut-once", "cut-once"]


def test_a_once_fault_that_a_queued_fault_displaces_counts_as_its_call() -> None:
    once = OnceFaults()
    displaced = choice(FAULTS["relabel"], once)
    displaced.apply_queued_fault()
    displaced.choose(file("cut-once"))
    second = choice(once=once)
    second.choose(file("cut-once"))
    assert (displaced.fault, second.fault) == (FAULTS["relabel"], None)
