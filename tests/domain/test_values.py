"""Every value of the domain is frozen; what is stored is made by keyword alone."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import is_dataclass
from typing import Any

import pytest
from msgspec import Struct

import liveproof.domain
from liveproof.domain import delivery, ledger, verification


def _classes() -> list[type[Any]]:
    names = [module.name for module in pkgutil.iter_modules(liveproof.domain.__path__)]
    modules = [importlib.import_module(f"liveproof.domain.{name}") for name in names]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__
    ]


STRUCTS = [cls for cls in _classes() if issubclass(cls, Struct)]
DATACLASSES = [cls for cls in _classes() if is_dataclass(cls)]
# A field that is added in the middle must not move what a caller hands over by position.
BY_KEYWORD = (ledger, verification)


@pytest.mark.parametrize("cls", STRUCTS, ids=lambda cls: cls.__name__)
def test_a_struct_is_frozen(cls: type[Struct]) -> None:
    assert cls.__struct_config__.frozen


@pytest.mark.parametrize("cls", DATACLASSES, ids=lambda cls: cls.__name__)
def test_a_dataclass_is_frozen(cls: type[Any]) -> None:
    assert cls.__dataclass_params__.frozen


@pytest.mark.parametrize(
    "cls",
    [cls for cls in STRUCTS if cls.__module__ in {module.__name__ for module in BY_KEYWORD}],
    ids=lambda cls: cls.__name__,
)
def test_what_is_stored_is_made_by_keyword_alone(cls: type[Struct]) -> None:
    kinds = {parameter.kind for parameter in inspect.signature(cls).parameters.values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}


def test_values_of_every_kind_are_looked_at() -> None:
    assert {verification.Verification, ledger.Call} <= set(STRUCTS)
    assert {delivery.WebhookResponse, ledger.Settlement} <= set(DATACLASSES)
