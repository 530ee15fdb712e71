"""infra/retention.json: what it deletes by itself is what the code stores."""

from __future__ import annotations

import json
from typing import Any

from liveproof.domain.verification import Decision
from liveproof.evidence.objects import evidence_prefixes
from liveproof.use_cases.uploads import uploads_prefix
from tests.docs.pages import ROOT, text_of

ID = "ver_01kb0000000000000000000000"


def retention() -> list[dict[str, Any]]:
    """The rules."""
    rules: list[dict[str, Any]] = json.loads((ROOT / "infra" / "retention.json").read_text())[
        "rules"
    ]
    return rules


def test_every_place_of_a_verification_has_exactly_one_rule() -> None:
    # With two, S3 takes the shorter time.
    for prefix in (uploads_prefix(ID), *evidence_prefixes(ID)):
        assert len([rule for rule in retention() if prefix.startswith(rule["prefix"])]) == 1, prefix


def test_every_decision_may_have_its_own_days() -> None:
    assert {rule["decision"] for rule in retention() if rule["decision"]} == {
        decision.value for decision in Decision
    }
    allowed = json.loads((ROOT / "infra" / "aws" / "params.json").read_text())["params"]
    assert allowed["evidenceExpireDaysOf"]["mapping"]["names"] == [
        decision.value for decision in Decision
    ]


def test_the_table_in_security_has_every_rule() -> None:
    page = text_of("security.md")
    for rule in retention():
        assert f"| {rule['what']} | `{rule['prefix']}` | `{rule['param']}`" in page
