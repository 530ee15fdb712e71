"""The public keys that a command verifies manifests with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from liveproof.webhooks.keys import KeyInvalid, parse_public_key
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.evidence.requests import fetch
from liveproof_cli.evidence.verification import TrustedKey
from liveproof_cli.webhooks.arguments import read_secret

_MAX_BYTES = 64 * 1024


def trusted_keys(keys: Sequence[str], source: str | None) -> list[TrustedKey]:
    """The keys of `--key` and `--keys`.

    Raises:
        click.UsageError: there is none, or one cannot be read.
        CannotBeDone: the URL does not answer.
    """
    trusted = [TrustedKey(_parse("--key", read_secret("--key", key))) for key in keys]
    if source is not None:
        trusted += _published(source)
    if not trusted:
        raise click.UsageError("name the public key with --key, or a list of keys with --keys")
    return trusted


def _parse(option: str, text: str) -> bytes:
    try:
        return parse_public_key(text)
    except KeyInvalid as invalid:
        raise click.UsageError(f"{option}: {invalid}") from None


def _published(source: str) -> list[TrustedKey]:
    try:
        content = fetch(source, _MAX_BYTES) if "://" in source else Path(source).read_bytes()
        entries: Any = json.loads(content)["evidence_keys"]
        return [
            TrustedKey(_parse("--keys", entry["public_key"]), _moment(entry["not_after"]))
            for entry in entries
        ]
    except OSError as error:
        raise click.UsageError(f"--keys {source}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise CannotBeDone(
            f"--keys {source}: it is no list of keys as"
            " GET /.well-known/liveproof/webhook-keys.json gives it"
        ) from None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00"))
