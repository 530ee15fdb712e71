"""Stored values leave out what says nothing, and what was left out is read as ever."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from liveproof.domain.endpoint_health import Health
from liveproof.domain.endpoint_permits import Endpoint
from liveproof.domain.erasure import Erasure
from liveproof.domain.hash_chain import Chain
from liveproof.domain.reservation import Reservation
from liveproof.domain.verification import Attempt, Delivery, DeliveryState
from tests.support.stored_types import stored_types

LEFT_OUT: list[tuple[bytes, Any]] = [
    (
        b'{"at":7,"latency_ms":5}',
        Attempt(
            at=7,
            latency_ms=5,
            status=None,
            error=None,
            delivery=1,
            number=None,
            answer=None,
            next_at=None,
        ),
    ),
    (b"{}", Chain(entries=(), head="", folded=0, folded_head="")),
    (
        b"{}",
        Delivery(
            number=1,
            state=DeliveryState.PENDING,
            attempts=0,
            waits=False,
            faults=0,
            log=(),
            dropped=0,
            only_attempt=None,
        ),
    ),
    (b'{"health":{}}', Endpoint(health=Health(), permits={}, turn=0, next_turn=0)),
    (
        b'{"requested_at":7}',
        Erasure(requested_at=7, erased_at=None, look_at=None, digest=None, objects=0),
    ),
    (
        b"{}",
        Health(
            accepts=False,
            failing_since=0,
            failures=0,
            failed_at=0,
            failed_answer="",
            failed_ms=0,
            paused_at=0,
            gone=False,
            probe_at=0,
            probes=0,
            tested_at=0,
            test_answer="",
            proven_at=0,
        ),
    ),
    (b"{}", Reservation(client=False, deployment=False, spend=0)),
]

NAMES = [type(value).__name__ for _, value in LEFT_OUT]


@pytest.mark.parametrize(("stored", "value"), LEFT_OUT, ids=NAMES)
def test_what_a_stored_value_leaves_out_is_read_as_what_it_was(stored: bytes, value: Any) -> None:
    """Another default would give all older records another meaning."""
    assert msgspec.json.decode(stored, type=type(value)) == value


@pytest.mark.parametrize(("stored", "value"), LEFT_OUT, ids=NAMES)
def test_what_says_nothing_is_not_stored(stored: bytes, value: Any) -> None:
    """A store charges its writes by their bytes, and most verifications have most of these."""
    assert msgspec.json.encode(value) == stored


def test_every_stored_type_that_leaves_something_out_is_looked_at() -> None:
    leaving_out = {kind for kind in stored_types() if kind.__struct_config__.omit_defaults}

    assert {type(value) for _, value in LEFT_OUT} == leaving_out
