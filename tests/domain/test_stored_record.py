"""A stored verification keeps its bytes: stores hold records that older versions wrote."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from liveproof.domain import ledger
from liveproof.domain import verification as parts
from liveproof.domain.erasure import Erasure
from liveproof.domain.evidence import Evidence, KeptFrame, Manifest
from liveproof.domain.hash_chain import Chain, Entry
from liveproof.domain.reservation import Reservation
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification

GOLDEN = Path(__file__).parents[1] / "data" / "stored_records.jsonl"
T = 1_795_000_000_000


def with_every_field() -> Verification:
    """A verification in which no field has its default."""
    return Verification(
        id="ver_01kb0000000000000000000000",
        client="shop",
        check="video",
        region="ap-singapore",
        created_at=T,
        expires_at=T + 900_000,
        inputs={
            "video": parts.Input(
                md5="0" * 32,
                size=12,
                content_type="video/mp4",
                keys=("uploads/a", "uploads/b"),
                state=parts.InputState.PROVEN,
                proven_key="uploads/b",
                proof=parts.Proof(sha256="1" * 64, etag="etag", version="v7", format="mp4"),
            ),
            "image": parts.Input(
                md5="2" * 32,
                size=13,
                content_type="image/jpeg",
                keys=("uploads/c",),
                state=parts.InputState.REFUSED,
                proven_key="uploads/c",
                reason="wrong_format",
            ),
            "missing": parts.Input(md5="3" * 32, size=1, content_type="x/y", keys=()),
        },
        threshold=70.5,
        status=Status.DECIDED,
        version=9,
        due_at=T + 1,
        challenge=parts.Challenge(type="lip", data="1234"),
        reference="order 7",
        metadata={"shop": "north"},
        ready_at=T + 2,
        calls=(
            ledger.Call(
                number=1,
                action="VideoLivenessCompare",
                region="ap-singapore",
                state=ledger.CallState.SETTLED,
                intent_at=T + 4,
                called_at=T + 5,
                settled_at=T + 6,
                outcome=ledger.CallOutcome.ANSWERED,
                code="Success",
                request_id="request-1",
                latency_ms=40,
                billable="yes",
                score=96.3,
                version="2018-03-01",
                face_model="3.0",
                codes_date="2026-11-01",
            ),
            ledger.Call(
                number=2,
                action="A",
                region=None,
                state=ledger.CallState.SETTLED,
                intent_at=T,
                outcome=ledger.CallOutcome.UNKNOWN,
                billable="unknown",
            ),
            ledger.Call(
                number=3,
                action="A",
                region=None,
                state=ledger.CallState.CALLED,
                intent_at=T,
                outcome=ledger.CallOutcome.NOT_EXECUTED,
                billable="no",
            ),
            ledger.Call(
                number=4, action="A", region=None, state=ledger.CallState.INTENT, intent_at=T
            ),
        ),
        released_at=T + 7,
        verdict=parts.Verdict(
            decision=parts.Decision.PASSED,
            reason=parts.Reason(code="passed", message="Passed.", vendor_code="Success"),
            decided_at=T + 8,
            scores={"similarity": 96.3},
        ),
        delivery=parts.Delivery(
            number=2,
            state=parts.DeliveryState.EXHAUSTED,
            attempts=3,
            waits=True,
            faults=1,
            log=(
                parts.Attempt(
                    at=T + 9,
                    latency_ms=5,
                    status=500,
                    error="timed_out",
                    delivery=2,
                    number=3,
                    answer="busy",
                    next_at=T + 10,
                ),
            ),
            dropped=2,
            signing_until=T + 14,
        ),
        evidence=Evidence(
            frames=(KeptFrame(key="evidence/a.jpg", md5="4" * 32, size=14, sha256="6" * 64),),
            missing="not_fetched",
        ),
        runs=4,
        vendor_failures=5,
        waiting_for=parts.WaitingFor.VENDOR,
        vendor_waited_ms=6,
        former_interventions=(
            parts.Intervention(
                at=T + 10,
                kind=parts.InterventionKind.SETTLE,
                by="ana@host",
                why="on the bill",
                outcome="billed",
            ),
        ),
        audit=Chain(
            entries=(Entry(T + 11, "chain_begun", "upgrade", "01234567", {"version": 8}),),
            head="5" * 64,
            folded=6,
            folded_head="7" * 64,
        ),
        consent="consent 7",
        erasure=Erasure(
            requested_at=T + 11, erased_at=T + 12, look_at=T + 13, objects=3, digest="a" * 64
        ),
        reservation=Reservation(client=True, deployment=True, spend=100),
        redo_of="ver_01kb0000000000000000000001",
        threshold_from="client",
        signals={"second_upload": 2},
        manifest=Manifest(sha256="8" * 64, key_id="9" * 16, signed_at=T + 12, missing="no_key"),
    )


def in_state(status: Status) -> Verification:
    """A verification of which only the required fields and the state are given."""
    return Verification(
        id="ver_01kb0000000000000000000000",
        client="shop",
        check="reflect",
        region="private",
        created_at=T,
        expires_at=T + 1,
        inputs={},
        threshold=70.0,
        status=status,
    )


def examples() -> dict[str, Verification]:
    return {"every field": with_every_field(), **{one.value: in_state(one) for one in Status}}


LATER_STATES = ("erasing", "erased")
"""The version of the kept records did not have them."""

LINES = dict(
    zip(
        [name for name in examples() if name not in LATER_STATES],
        GOLDEN.read_bytes().splitlines(),
        strict=True,
    )
)
NO_LONGER_STORED = re.compile(rb'"call_not_before":(null|[0-9]+),')
"""The slot of the next call: since a slot is taken when the files are at the vendor, no record has
one."""

DELIVERY = re.compile(rb'"delivery":\{.*\},"evidence"')
"""Since a delivery has a log, it is stored with the log in the place of its last attempt."""


def of_the_kept_version(name: str) -> Verification:
    """An example with what the version of the kept records had of it."""
    example = examples()[name]
    delivery = example.delivery
    if delivery is not None:
        fault = parts.Attempt(at=T + 9, latency_ms=5, status=500, error="timed_out", delivery=2)
        delivery = replace(delivery, log=(fault,), dropped=0, waits=False, signing_until=None)
    inputs = dict(example.inputs)
    if "video" in inputs and (proof := inputs["video"].proof) is not None:
        inputs["video"] = replace(inputs["video"], proof=replace(proof, format=None))
    evidence = example.evidence
    if evidence is not None:
        frames = tuple(replace(frame, sha256="") for frame in evidence.frames)
        evidence = replace(evidence, frames=frames)
    return replace(
        example,
        inputs=inputs,
        evidence=evidence,
        waiting_for=None,
        vendor_waited_ms=0,
        delivery=delivery,
        former_interventions=(),
        audit=Chain(),
        consent=None,
        erasure=None,
        reservation=None,
        redo_of=None,
        threshold_from=None,
        signals={},
        manifest=None,
    )


@pytest.mark.parametrize("name", LINES)
def test_a_verification_is_stored_as_the_same_bytes_as_ever(name: str) -> None:
    kept = NO_LONGER_STORED.sub(b"", LINES[name]).removesuffix(b"}")
    kept = DELIVERY.sub(
        b'"delivery":{"number":2,"state":"exhausted","attempts":3,"faults":1,"log":[{"at":'
        b'1795000000009,"latency_ms":5,"status":500,"error":"timed_out","delivery":2}]},"evidence"',
        kept,
    )
    # Proofs and frames have a field more since they are named in a manifest.
    kept = kept.replace(b'"version":"v7"}', b'"version":"v7","format":null}')
    kept = kept.replace(b'"size":14}]', b'"size":14,"sha256":""}]')
    new = (
        b',"waiting_for":null,"vendor_waited_ms":0,"interventions":[],"audit":{},"consent":null,'
        b'"erasure":null,"reservation":null,"redo_of":null,"threshold_from":null,"signals":{},'
        b'"manifest":null}'
    )
    assert msgspec.json.encode(of_the_kept_version(name)) == kept + new


@pytest.mark.parametrize("name", LINES)
def test_a_stored_verification_is_read_unchanged(name: str) -> None:
    assert msgspec.json.decode(LINES[name], type=Verification) == of_the_kept_version(name)


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        (b'["8","9",7,null]', Manifest(sha256="8", key_id="9", signed_at=7)),
        (b'["","",0,"no_key"]', Manifest(missing="no_key")),
        (
            b'[7,"decided","client","01",{"call":1}]',
            Entry(7, "decided", "client", "01", {"call": 1}),
        ),
    ],
    ids=["manifest", "no manifest", "entry"],
)
def test_what_every_record_has_is_stored_without_the_names_of_its_fields(
    stored: bytes, value: Manifest | Entry
) -> None:
    assert msgspec.json.encode(value) == stored
    assert msgspec.json.decode(stored, type=type(value)) == value


def test_the_last_attempt_of_an_older_record_is_its_log() -> None:
    stored = (
        b'{"number":2,"state":"pending","attempts":3,"last_attempt":{"at":7,"latency_ms":5,'
        b'"status":500,"error":null},"faults":0}'
    )
    delivery = msgspec.json.decode(stored, type=parts.Delivery)

    entry = parts.Attempt(at=7, latency_ms=5, status=500, delivery=2, number=3)
    assert (delivery.log, delivery.last_attempt) == ((entry,), entry)
    assert b"last_attempt" not in msgspec.json.encode(delivery)


def test_what_is_stored_is_read_as_what_it_was() -> None:
    for example in examples().values():
        assert msgspec.json.decode(msgspec.json.encode(example), type=Verification) == example


def test_no_field_of_the_full_example_has_its_default() -> None:
    full = with_every_field()
    values = [
        full,
        full.inputs["video"],
        full.inputs["video"].proof,
        full.calls[0],
        full.verdict,
        full.verdict and full.verdict.reason,
        full.delivery,
        full.delivery and full.delivery.log[0],
        full.evidence,
        full.challenge,
        full.former_interventions[0],
        full.audit,
        full.audit.entries[0],
        full.erasure,
        full.reservation,
        full.manifest,
        full.evidence and full.evidence.frames[0],
    ]
    defaults = [
        f"{type(value).__name__}.{field.name}"
        for value in values
        for field in msgspec.structs.fields(value)  # type: ignore[arg-type]
        if getattr(value, field.name) in (field.default, None, {}, ())
    ]
    # The reason of an input is set where it was refused. Only older records have the other one.
    assert defaults == ["Input.reason", "Delivery.only_attempt"]
