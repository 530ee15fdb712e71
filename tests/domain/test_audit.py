"""The audit chain: what has an entry, and what of a change to it shows."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from msgspec.structs import replace

from liveproof.domain import delivery_transitions, hash_chain, interventions, lifecycle
from liveproof.domain.audit import (
    CLIENT,
    MEANINGS,
    OPERATOR,
    What,
    act_audited,
    audited,
    first_fault,
)
from liveproof.domain.audit import interventions as interventions_of
from liveproof.domain.hash_chain import FIRST_ENTRIES, MOST_ENTRIES, Chain, Entry, extended
from liveproof.domain.ledger import CallOutcome, Settlement
from liveproof.domain.verification import (
    Attempt,
    Decision,
    DeliveryState,
    Intervention,
    InterventionKind,
    Verification,
)
from tests.support.verifications import NOW, called, settled, verdict

ATTEMPT = Attempt(at=NOW + 9, latency_ms=5, status=200)


def whole() -> Verification:
    """Passed and delivered."""
    entry = lifecycle.decided(settled(CallOutcome.ANSWERED), verdict(Decision.PASSED))
    return delivery_transitions.attempt_recorded(entry, ATTEMPT, DeliveryState.DELIVERED, None)


def codes(entry: Verification) -> list[tuple[str, str]]:
    return [(one.what, one.by) for one in entry.audit.entries]


def with_entries(entry: Verification, *entries: Entry) -> Verification:
    return replace(entry, audit=replace(entry.audit, entries=entries))


def begun(entry: Verification) -> Chain:
    """A chain that begins when nothing is decided yet."""
    facts: dict[str, str | int] = {"status": "ready"}
    return extended(Chain(), entry.id, at=NOW, what="chain_begun", by="upgrade", facts=facts)


def test_every_transition_has_an_entry_that_says_who_made_it() -> None:
    assert codes(whole()) == [
        ("chain_begun", "upgrade"),
        ("input_proven", "verify_upload"),
        ("input_proven", "verify_upload"),
        ("call_intended", "run_check"),
        ("call_sent", "run_check"),
        ("call_settled", "run_check"),
        ("decided", "run_check"),
        ("delivered", "deliver_result"),
    ]


def test_leases_waits_and_the_same_call_tried_again_have_no_entry() -> None:
    settled_free = lifecycle.call_settled(
        called(), NOW, Settlement(CallOutcome.NOT_EXECUTED, billable="no"), lease_until=NOW
    )
    intended = lifecycle.call_intended(settled_free, "Action", None, NOW, NOW)
    again = lifecycle.call_intended(lifecycle.postponed(intended, NOW), "Action", None, NOW, NOW)

    assert again.audit == intended.audit
    assert codes(intended)[-1] == ("call_intended", "run_check")


def test_an_operators_act_comes_before_its_effects() -> None:
    held = lifecycle.held(settled(CallOutcome.UNKNOWN), NOW + 5, NOW)
    act = Intervention(at=NOW, kind=InterventionKind.SETTLE, by="ana", why="ticket", outcome="x")
    corrected = interventions.unknown_call_not_executed(act_audited(held, act), NOW)

    assert codes(corrected)[-4:] == [
        ("held", "run_check"),
        ("settle", OPERATOR),
        ("call_corrected", OPERATOR),
        ("released", OPERATOR),
    ]
    assert interventions_of(corrected) == (act,)


def test_an_older_record_begins_its_chain_and_takes_its_interventions_in() -> None:
    act = Intervention(at=NOW - 9, kind=InterventionKind.HOLD, by="ana", why="ticket")
    older = replace(called(), audit=Chain(), former_interventions=(act,), version=7)
    assert interventions_of(older) == (act,)

    now = lifecycle.call_settled(older, NOW, Settlement(CallOutcome.ANSWERED), lease_until=NOW)

    assert codes(now) == [
        ("chain_begun", "upgrade"),
        ("hold", OPERATOR),
        ("call_settled", "run_check"),
    ]
    assert now.audit.entries[0].facts == {"status": "checking", "version": 7}
    assert interventions_of(now) == (act,)
    assert now.former_interventions == ()


def test_a_hash_is_over_the_hash_before_it_and_canonical_json() -> None:
    chain = Chain()
    expected = hashlib.sha256(b"ver_1").hexdigest()
    facts: dict[str, str | int] = {"b": 'ü"\n\x7f', "a": 7}
    for number in (1, 2, 3):
        chain = extended(chain, "ver_1", at=NOW, what="x", by="me", facts=facts)
        content = [number, NOW, "x", "me", facts]
        canonical = json.dumps(
            content, sort_keys=True, ensure_ascii=False, separators=(",", ":")
        ).encode()
        expected = hashlib.sha256(bytes.fromhex(expected) + canonical).hexdigest()
        assert chain.head == expected
        assert chain.entries[-1].digits == expected[:8]


@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize(
    "change",
    [{"at": 1}, {"what": "held"}, {"by": "client"}, {"facts": {"call": 9}}, {"digits": "00000000"}],
    ids=str,
)
def test_the_first_changed_entry_is_named(place: int, change: dict[str, Any]) -> None:
    entry = whole()
    entries = list(entry.audit.entries)
    entries[place] = replace(entries[place], **change)

    fault = first_fault(with_entries(entry, *entries))

    assert fault is not None
    assert fault.number == place + 1


@pytest.mark.parametrize("place", range(8))
def test_a_missing_entry_shows_where_the_next_one_stands(place: int) -> None:
    entry = whole()
    entries = list(entry.audit.entries)
    del entries[place]

    fault = first_fault(with_entries(entry, *entries))

    assert fault is not None
    assert fault.number == min(place + 1, 7)


@pytest.mark.parametrize("digit", ["0", "f"])
def test_another_head_shows_that_entries_after_the_last_are_missing(digit: str) -> None:
    entry = whole()
    audit = replace(entry.audit, head=digit * 64)

    fault = first_fault(replace(entry, audit=audit))

    assert fault is not None
    assert (fault.number, fault.why) == (8, "the head is another: entries after it are missing")


def test_a_chain_without_its_entries_or_of_another_verification_is_broken() -> None:
    emptied = first_fault(with_entries(whole()))
    assert emptied is not None
    assert emptied.number == 0
    moved = first_fault(replace(whole(), id="ver_2"))
    assert moved is not None
    assert moved.number == 1


@pytest.mark.parametrize(
    ("record", "number"),
    [
        (lambda entry: replace(entry, verdict=verdict(Decision.REJECTED)), 7),
        (lambda entry: replace(entry, verdict=None), 7),
        (lambda entry: replace(entry, audit=begun(entry)), 0),
    ],
)
def test_a_record_that_says_otherwise_than_its_chain_is_a_fault(record: Any, number: int) -> None:
    fault = first_fault(record(whole()))

    assert fault is not None
    assert fault.number == number


def test_a_record_without_a_chain_is_only_old() -> None:
    assert first_fault(replace(whole(), audit=Chain())) is None
    restarted = delivery_transitions.delivery_restarted(
        replace(whole(), audit=Chain()), NOW, CLIENT
    )
    assert first_fault(restarted) is None


def test_a_long_chain_is_folded_and_still_verified() -> None:
    chain, whole_chain = Chain(), []
    for number in range(1, MOST_ENTRIES + 30):
        facts: dict[str, str | int] = {"n": number}
        chain = extended(chain, "ver_1", at=NOW, what="x", by="me", facts=facts)
        whole_chain.append(chain.head)

    kept = list(hash_chain.links(chain, "ver_1"))
    assert len(kept) == MOST_ENTRIES
    assert [link.number for link in kept] == [link.entry.facts["n"] for link in kept]
    assert [link.hash for link in kept] == [whole_chain[link.number - 1] for link in kept]
    assert kept[FIRST_ENTRIES].number == FIRST_ENTRIES + chain.folded + 1
    assert hash_chain.first_break(chain, "ver_1") is None
    fault = hash_chain.first_break(replace(chain, folded_head="no hash"), "ver_1")
    assert fault is not None
    assert fault.number == kept[FIRST_ENTRIES].number


def test_a_chain_that_an_earlier_version_folded_is_still_whole() -> None:
    """Stored chains keep 80 entries, then leave a gap: another number would call all of them
    forged."""
    hashes = [hashlib.sha256(b"ver_1").digest()]
    for number in range(1, 162):
        canonical = json.dumps([number, NOW, "x", "me", {"n": number}], separators=(",", ":"))
        hashes.append(hashlib.sha256(hashes[-1] + canonical.encode()).digest())
    kept = [number for number in range(1, 162) if number != 81]
    stored = Chain(
        entries=tuple(Entry(NOW, "x", "me", hashes[n].hex()[:8], {"n": n}) for n in kept),
        head=hashes[161].hex(),
        folded=1,
        folded_head=hashes[81].hex(),
    )

    assert hash_chain.first_break(stored, "ver_1") is None


def test_a_decision_whose_entry_is_folded_away_is_no_fault() -> None:
    """Forty failures of the vendor, then forty resends: `show --audit` called the record forged."""
    entry = settled(CallOutcome.ANSWERED)
    for number in range(FIRST_ENTRIES):
        entry = audited(entry, What.CALL_SENT, NOW, call=number)
    entry = lifecycle.decided(entry, verdict(Decision.PASSED))
    for _ in range(MOST_ENTRIES):
        entry = delivery_transitions.delivery_restarted(entry, NOW, CLIENT)

    assert What.DECIDED.value not in {one.what for one in entry.audit.entries}
    assert first_fault(entry) is None


def test_every_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(What)
