"""What is stored is made by keyword alone."""

from __future__ import annotations

import inspect

import pytest
from msgspec import Struct

from liveproof.domain.endpoint_health import Health
from liveproof.domain.ledger import Call
from liveproof.domain.verification import Verification
from tests.support.stored_types import stored_types

# What is stored as an array has its order for ever.
STORED = sorted(
    (cls for cls in stored_types() if not cls.__struct_config__.array_like),
    key=lambda cls: cls.__name__,
)


# A field that is added in the middle must not move what a caller hands over by position.
@pytest.mark.parametrize("cls", STORED, ids=lambda cls: cls.__name__)
def test_stored_types_are_constructed_by_keyword_alone(cls: type[Struct]) -> None:
    kinds = {parameter.kind for parameter in inspect.signature(cls).parameters.values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}


def test_a_verification_its_calls_and_an_endpoints_health_are_looked_at() -> None:
    assert {Verification, Call, Health} <= set(STORED)
