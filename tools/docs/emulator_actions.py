"""The generated page liveproof_emulator/actions.md: the actions and their scenarios."""

from liveproof_emulator.actions import Action
from liveproof_emulator.catalogue import Catalogue
from liveproof_emulator.model import Scenario

_HEAD = """# The actions and their scenarios

Written from `actions/` by `make docs`; do not edit. How a scenario is chosen, and the
faults that any call can have, are in the [README](README.md#choosing-the-outcome).

The last column is the code in `Result`, or in `Error` where that is said, or the score.
"""


def page(catalogue: Catalogue) -> str:
    """The page for these actions."""
    return "\n".join([_HEAD, *(_section(action) for action in catalogue.actions.values())])


def _section(action: Action) -> str:
    facts = action.facts
    regions = ", ".join(facts.texts("regions")) or "none is asked for"
    lines = [
        f"## {action.name}",
        "",
        f"`{action.service}` {' and '.join(facts.texts('versions'))}; region: {regions};"
        f" {facts.integer('calls_per_second')} requests per second.",
        "",
        "| name | what happens | answer |",
        "|---|---|---|",
        *(_row(action, scenario) for scenario in action.scenarios.values()),
        "",
    ]
    doubts = {name: fact for name, fact in facts.entries.items() if not fact.confirmed}
    if doubts:
        lines += [
            "Unconfirmed: entries of `facts.json` that nothing published settles.",
            "",
            "| entry | what we chose | why it is open |",
            "|---|---|---|",
            *(
                f"| `{name}` | {_value(doubt.value)} | {doubt.source} |"
                for name, doubt in doubts.items()
            ),
            "",
        ]
    return "\n".join(lines)


def _row(action: Action, scenario: Scenario) -> str:
    return f"| `{scenario.name}` | {scenario.about} | {_answer(action, scenario)} |"


def _answer(action: Action, scenario: Scenario) -> str:
    if "score" in scenario.values:
        score = scenario.values["score"]
        return "" if score is None else f"{score}"
    code = scenario.text("code")
    if code is None:
        return ""
    by_error = scenario.text("channel") == "error" or (
        scenario.text("channel") is None
        and (not code.startswith(("FailedOperation.", "Success")) or not _has_result(action))
    )
    return f"`{code}`{' (Error)' if by_error else ''}"


def _has_result(action: Action) -> bool:
    """Whether the action's answers have a Result: those of a check that compares a person do."""
    return any(scenario.values.get("code") == "Success" for scenario in action.scenarios.values())


def _value(value: object) -> str:
    if isinstance(value, list) and len(value) > 12:
        return f"{len(value)} entries"
    listed = value if isinstance(value, list) else [value]
    return ", ".join(f"`{value}`" for value in listed)
