"""What is stored is made by keyword alone."""

from __future__ import annotations

import inspect

import pytest
from msgspec import Struct

from liveproof.domain import ledger, verification

# A field that is added in the middle must not move what a caller hands over by position.
STORED = [
    value
    for module in (ledger, verification)
    for value in vars(module).values()
    if inspect.isclass(value) and value.__module__ == module.__name__ and issubclass(value, Struct)
]


@pytest.mark.parametrize("cls", STORED, ids=lambda cls: cls.__name__)
def test_stored_types_are_constructed_by_keyword_alone(cls: type[Struct]) -> None:
    kinds = {parameter.kind for parameter in inspect.signature(cls).parameters.values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}


def test_the_verification_and_its_call_are_looked_at() -> None:
    assert {verification.Verification, ledger.Call} <= set(STORED)
