"""The exact bytes of a webhook for every decision. A change of them is a change of the API."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Decision, Verification
from liveproof.use_cases.conclude import verdict_of
from liveproof.webhooks.message import build_body
from tests.support.verifications import NOW, settled

GOLDEN = Path(__file__).parent / "golden"

REASONS: dict[Decision, tuple[str, str | None, dict[str, float]]] = {
    Decision.PASSED: ("passed", "Success", {"similarity": 96.33333333333333}),
    Decision.REJECTED: ("score_below_threshold", "Success", {"similarity": 12.0}),
    Decision.RESUBMIT: ("wrong_md5", None, {}),
    Decision.ERROR: ("vendor_account", "FailedOperation.UnOpenError", {}),
    Decision.EXPIRED: ("uploads_expired", None, {}),
}


def decided(decision: Decision) -> Verification:
    reason, code, scores = REASONS[decision]
    entry = replace(
        settled(CallOutcome.ANSWERED),
        id="ver_01kacb2c8gqz3m5n7p9r1t3v5x",
        reference=None if decision is Decision.EXPIRED else "größe-\U0001f600",
        metadata={} if decision is Decision.ERROR else {"b": '"', "a": "\u2028"},
    )
    return lifecycle.decided(entry, verdict_of(reason, NOW + 42, code, scores))


@pytest.mark.parametrize("decision", Decision)
def test_the_body_of_a_decision_has_the_bytes_that_it_always_had(decision: Decision) -> None:
    entry = decided(decision)
    assert entry.verdict is not None
    assert entry.verdict.decision is decision

    assert build_body(entry) == (GOLDEN / f"{decision.value}.json").read_bytes()
