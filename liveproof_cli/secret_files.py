"""The documents that an operator puts into the deployment's secrets, as files."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from liveproof.clouds.tencent.sql.address import DatabaseLogin
from liveproof.ports import SecretUnusable
from liveproof.secret_documents import (
    ApiKeys,
    SecretDocument,
    SenseIdKey,
    VendorKey,
    Webhooks,
    read_document,
)
from liveproof_cli.errors import CannotBeDone

KINDS: Mapping[str, type[SecretDocument]] = {
    "api-keys": ApiKeys,
    "webhooks": Webhooks,
    "vendor-key": VendorKey,
    "senseid-key": SenseIdKey,
    "database": DatabaseLogin,
}
"""By the names that the secrets have in a deployment."""

OPERATORS = [name for name in KINDS if name != "database"]
"""The names of those that an operator writes: Terraform writes the database's login."""

_Document = TypeVar("_Document", bound=SecretDocument)


def read_bytes(path: Path) -> bytes:
    """A file's content; `-` is standard input. Raises CannotBeDone."""
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise CannotBeDone(f"{path}: {error.strerror}") from None


def read_as(content: bytes, kind: type[_Document], name: str) -> _Document:
    """A document of a kind, refused as the functions refuse it.

    Raises:
        CannotBeDone: with client and field, never a value.
    """
    try:
        return read_document(content, kind)
    except SecretUnusable as unusable:
        raise CannotBeDone(f"{name}: {unusable}") from None


def detect_kind(path: Path, content: bytes) -> str | None:
    """Which document it is: by its fields, else by the file's name; None if neither tells."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    fields = set(document) if isinstance(document, dict) else set()
    shared = {name: len(fields & set(_fields(kind))) for name, kind in KINDS.items()}
    best = max(shared, key=lambda name: shared[name])
    if shared[best]:
        return best
    return path.stem if path.stem in KINDS else None


def _fields(kind: type[SecretDocument]) -> tuple[str, ...]:
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))
