"""YAML files of the AWS side, with CloudFormation's short functions."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.CSafeLoader):
    """Takes `!Ref NAME`, `!GetAtt NAME`, ... for their text."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: f"!{suffix} {node.value}")


def load(path: Path) -> dict[str, Any]:
    """A file's document. Nobody may change it: a file of the same text is parsed once."""
    return _parse(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=16)
def _parse(text: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader's child
    return document
