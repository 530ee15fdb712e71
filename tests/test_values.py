"""Every value of the core and its adapters is frozen: nobody changes what another has read."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import is_dataclass
from typing import Any

import pytest
from msgspec import Struct

import liveproof
from liveproof.domain.verification import Verification
from liveproof.vendors.answer import Answer


def _classes() -> list[type[Any]]:
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(liveproof.__path__, "liveproof.")
        if not module.name.endswith("__main__")
    ]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__
    ]


CLASSES = _classes()
STRUCTS = [cls for cls in CLASSES if issubclass(cls, Struct)]
DATACLASSES = [cls for cls in CLASSES if is_dataclass(cls)]


@pytest.mark.parametrize("cls", STRUCTS, ids=lambda cls: cls.__qualname__)
def test_a_struct_is_frozen(cls: type[Struct]) -> None:
    assert cls.__struct_config__.frozen


@pytest.mark.parametrize("cls", DATACLASSES, ids=lambda cls: cls.__qualname__)
def test_a_dataclass_is_frozen(cls: type[Any]) -> None:
    assert cls.__dataclass_params__.frozen


def test_values_of_every_kind_are_looked_at() -> None:
    assert Verification in STRUCTS
    assert Answer in DATACLASSES
