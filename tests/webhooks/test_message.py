"""The body: thin, ASCII, never above 4,032 bytes, the same bytes at each attempt."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from liveproof import facts
from liveproof.api.request_bodies import decode
from liveproof.domain import delivery_transitions, lifecycle
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.requests import CreateVerification
from liveproof.domain.verification import Reason, Verdict, Verification
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.conclude import verdict_of
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.errors import InvalidRequest
from liveproof.webhooks.message import MAX_BODY_BYTES, DecisionData, ReasonView, build_body
from tests.support.checks import answer
from tests.support.deployment import CLIENT, Deployment, declared
from tests.support.thorough import examples
from tests.support.verifications import NOW, settled

LONGEST_REASON = max(facts.reasons(), key=lambda code: len(code + facts.reasons()[code].message))
LONGEST_CODE = max(facts.code_table("faceid").codes, key=len)


def decided(reason: str = "passed", code: str | None = "Success") -> Verification:
    verdict = verdict_of(reason, NOW + 42, code, {"similarity": 96.3})
    return lifecycle.decided(settled(CallOutcome.ANSWERED), verdict)


def test_it_tells_ids_decision_codes_and_scores_and_nothing_else() -> None:
    entry = replace(decided(), reference="order-7", metadata={"a": "b"})
    message = json.loads(build_body(entry))

    assert message == {
        "type": "verification.passed",
        "timestamp": "2026-11-18T11:06:40.042Z",
        "data": {
            "id": entry.id,
            "reference": "order-7",
            "check": "reflect",
            "region": "ap-singapore",
            "decision": "passed",
            "reason": {
                "code": "passed",
                "message": "The person is live and is the one in the photo.",
                "vendor_code": "Success",
            },
            "scores": {"similarity": 96.3},
            "decided_at": "2026-11-18T11:06:40.042Z",
            "sequence": 1,
            "metadata": {"a": "b"},
        },
    }


def test_it_is_compact_ascii_whatever_the_client_wrote() -> None:
    entry = replace(decided(), reference="größe \U0001f600\u2028", metadata={"ключ": "\x00\x7f"})
    body = build_body(entry)

    assert body.isascii()
    assert b": " not in body.replace(b"message", b"")
    assert b"\n" not in body
    assert json.loads(body)["data"]["reference"] == "größe \U0001f600\u2028"


def test_attempts_and_deliveries_do_not_change_it() -> None:
    entry = decided()
    later = replace(
        delivery_transitions.delivery_restarted(entry, NOW + 5_000_000, CLIENT), version=9
    )

    assert build_body(later) == build_body(entry)


def test_there_is_none_before_the_decision() -> None:
    with pytest.raises(ValueError, match="decided"):
        build_body(settled(CallOutcome.ANSWERED))


def test_one_that_is_too_large_is_never_sent() -> None:
    entry = replace(decided(), metadata={"a": "x" * MAX_BODY_BYTES})

    with pytest.raises(ValueError, match="larger than 4032"):
        build_body(entry)


def finished(request: dict[str, Any], code: str) -> Verification:
    """The request created, checked with an answer of this code, decided."""
    deployment = Deployment()
    parsed = decode(json.dumps(request).encode(), CreateVerification)
    entry, _ = create_verification(
        deployment.dependencies, CLIENT, ApiClient(("0" * 64,)), parsed, None
    )
    for name in parsed.inputs:
        deployment.upload(entry, name)
    deployment.check.script = [answer(code, 33.333333333333336)]
    deployment.run_check(entry)
    return deployment.load(entry.id)


def request(**changes: Any) -> dict[str, Any]:
    inputs = {name: msgspec.to_builtins(entry) for name, entry in declared().items()}
    return {"check": "reflect", "inputs": inputs, **changes}


texts = st.text(max_size=400) | st.text(alphabet='\U0001f600é\x00"\\', max_size=400)


@settings(max_examples=examples(40, 150), deadline=None)
@given(
    reference=st.none() | texts,
    metadata=st.dictionaries(texts, texts, max_size=6),
    code=st.sampled_from([LONGEST_CODE, "Success"]) | st.text(min_size=1, max_size=4000),
)
def test_whatever_can_be_created_and_answered_fits(
    reference: str | None, metadata: dict[str, str], code: str
) -> None:
    try:
        entry = finished(request(reference=reference, metadata=metadata), code)
    except InvalidRequest as refused:
        assert refused.field in {"reference", "metadata", None}  # noqa: PT017
        return

    if entry.verdict is not None:
        assert len(build_body(entry)) <= MAX_BODY_BYTES


@pytest.mark.parametrize("letter", ["x", "é", "\U0001f600", "\x00", '"'])
def test_the_largest_metadata_with_the_longest_words_fits(letter: str) -> None:
    width = len(json.dumps(letter)) - 2
    fixed = len(json.dumps({"metadata": {"k": ""}, "reference": "r"}))
    metadata = {"k": letter * ((2048 - fixed) // width)}
    entry = finished(request(reference="r", metadata=metadata), "Success")
    assert entry.verdict is not None
    fact = facts.reasons()[LONGEST_REASON]
    verdict = Verdict(
        decision=fact.decision,
        reason=Reason(code=LONGEST_REASON, message=fact.message, vendor_code=LONGEST_CODE),
        decided_at=NOW,
        scores={"similarity": 33.333333333333336},
    )

    assert len(build_body(replace(entry, verdict=verdict))) <= MAX_BODY_BYTES
    with pytest.raises(InvalidRequest):
        finished(request(reference="r", metadata={"k": metadata["k"] + letter * 8}), "Success")


@pytest.mark.parametrize("code", ["x" * 5000, "\U0001f600" * 2000, "\ud800", "a\nb"])
def test_a_vendor_code_of_any_shape_still_leads_to_a_webhook(code: str) -> None:
    entry = finished(request(metadata={"k": "x" * 1900}), code)

    assert entry.verdict is not None
    assert entry.verdict.reason.code == "vendor_code_unknown"
    assert len(build_body(entry)) <= MAX_BODY_BYTES


@pytest.mark.parametrize("part", [DecisionData, ReasonView])
def test_a_message_cannot_be_changed(part: type[DecisionData] | type[ReasonView]) -> None:
    assert part.__struct_config__.frozen


def test_a_redo_names_the_first_verification_after_everything_else() -> None:
    before = json.loads(build_body(decided()))
    redone = json.loads(build_body(replace(decided(), redo_of="ver_" + "0" * 26)))
    assert list(redone["data"]) == [*before["data"], "redo_of"]
    assert redone["data"]["redo_of"] == "ver_" + "0" * 26


def test_a_redo_is_not_named_in_a_webhook_that_would_be_too_long() -> None:
    full = len(build_body(replace(decided(), metadata={"a": ""})))
    entry = replace(decided(), metadata={"a": "x" * (MAX_BODY_BYTES - full)})
    assert build_body(replace(entry, redo_of="ver_" + "0" * 26)) == build_body(entry)


def test_a_redo_is_named_in_the_longest_webhook_that_has_room_for_it() -> None:
    redone = replace(decided(), redo_of="ver_" + "0" * 26)
    full = len(build_body(replace(redone, metadata={"a": ""})))
    body = build_body(replace(redone, metadata={"a": "x" * (MAX_BODY_BYTES - full)}))

    assert json.loads(body)["data"]["redo_of"] == redone.redo_of
    assert len(body) == MAX_BODY_BYTES
