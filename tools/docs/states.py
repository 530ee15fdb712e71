"""The generated page docs/states.md: every state of a verification and where it may lead."""

from __future__ import annotations

from liveproof.domain.audit import MEANINGS, OPERATORS_MEANING, What
from liveproof.domain.hash_chain import FIRST_ENTRIES, MOST_ENTRIES
from liveproof.domain.states import STATES
from liveproof.domain.verification import WAITING_FOR, WHO_ACTS, Decision, InterventionKind


def _audit() -> list[str]:
    acts = ", ".join(f"`{kind.value}`" for kind in InterventionKind)
    return [
        "",
        "## The audit chain",
        "",
        "The record of a verification has an entry for each transition and each act of an",
        "operator: number, time, code, who did it (a function, `client` or `operator`) and a",
        "few facts, never personal ones. A transition and its entry are one write. Each entry is",
        "hashed with the hash before it (SHA-256; `layers/liveproof/domain/hash_chain.py`), so a",
        "change, a gap or a missing end shows: `liveproof show ID --audit` prints the chain,",
        "checks it and names the first broken entry. Leases, waits and failed attempts of a",
        "delivery are no transitions.",
        "",
        "| code | says |",
        "|---|---|",
        *(f"| `{what.value}` | {MEANINGS[what]} |" for what in What),
        f"| {acts} | {OPERATORS_MEANING} |",
        "",
        f"A chain keeps its first {FIRST_ENTRIES} and its latest {MOST_ENTRIES - FIRST_ENTRIES}",
        "entries. Of the entries between them the chain keeps the number and the hash of the last,",
        "so that the rest can still be checked.",
    ]


def page(mark: str) -> str:
    """The page; `mark` says that it is generated."""
    lines = [
        mark,
        "# States",
        "",
        "A verification is always in one of these states. There are no transitions but these. One",
        "table (`layers/liveproof/domain/states.py`) drives the code, the condition of every write",
        "to the store, the sweep and the API's `status`.",
        "",
        "![The states and the transitions between them: the table below has both](states.svg)",
        "",
    ]
    lines += ["| state | meaning | the step that moves it on | may become |", "|---|---|---|---|"]
    for status, state in STATES.items():
        after = (
            ", ".join(f"`{successor.value}`" for successor in state.successors)
            or "nothing: it is final"
        )
        steps = ", ".join(f"`{step.value}`" for step in state.steps)
        lines.append(f"| `{status.value}` | {state.meaning} | {steps} | {after} |")
    lines += [
        "",
        "Staying in a state is always allowed: an attempt is recorded, a check is put off. Every",
        "verification that is not finished has a due time in the store. Every minute on AWS, every",
        "20 seconds on Tencent Cloud, `sweep` starts the step of whatever is due. So a lost",
        "message or a killed function costs time only. A step that fails each time is started at",
        "growing intervals, so that it keeps nothing else waiting. Such a verification",
        "[ends, too](operating.md#stuck-verifications).",
        "",
        "`decided` is one state for every decision; the field `decision` says which one. What an",
        "operator does is in [operating](operating.md), what an erasure is in",
        "[erasure](erasure.md).",
        "",
        "While a check is put off, `waiting_for` says why:",
        "",
        "| `waiting_for` | the check waits for |",
        "|---|---|",
        *(f"| `{waits.value}` | {meaning} |" for waits, meaning in WAITING_FOR.items()),
        "",
        "| decision | who has to do something |",
        "|---|---|",
    ]
    lines += [f"| `{decision.value}` | {WHO_ACTS[decision]} |" for decision in Decision]
    lines += _audit()
    return "\n".join(lines) + "\n"
