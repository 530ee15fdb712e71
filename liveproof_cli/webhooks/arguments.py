"""Secrets, headers, bodies and times as a command line has them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click

from tools.webhooks.keys import KeyUnusable, parse_key


def read_secret(option: str, value: str) -> str:
    """A secret as it was given, or the text of the file after @.

    Raises:
        click.UsageError: the file cannot be read. The text shows no secret.
    """
    if not value.startswith("@"):
        return value
    try:
        return Path(value[1:]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is no text"
        raise click.UsageError(f"{option} {value}: {why}") from None


def require_keys(secrets: Sequence[str]) -> None:
    """Raises click.UsageError if one of them is no key; the text does not show it."""
    for secret in secrets:
        try:
            parse_key(secret)
        except KeyUnusable as error:
            raise click.UsageError(f"--secret: {error}") from None


def read_headers(option: str, value: str) -> dict[str, str]:
    """The headers in a JSON object, or in lines as HTTP and `curl --include` write them.

    Raises:
        click.UsageError: they are neither, or the file cannot be read.
    """
    text = read_content(option, value).decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        try:
            return _header_texts(json.loads(text))
        except (ValueError, RecursionError):
            raise click.UsageError(f"{option}: it is not JSON") from None
    headers = {}
    for line in text.splitlines():
        name, colon, entry = line.lstrip("<> ").partition(":")
        if colon:
            headers[name.strip()] = entry.strip()
    if not headers:
        raise click.UsageError(f"{option}: it has neither lines `Name: value` nor a JSON object")
    return headers


def _header_texts(values: Mapping[str, object]) -> dict[str, str]:
    """Node.js, and the gateways of both clouds, may give a header's values as a list."""
    return {
        name: " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in values.items()
    }


def read_content(option: str, value: str) -> bytes:
    """Standard input for -, a text as it is, and else the content of a file.

    A text begins with a brace, or has a colon and a space; no file that anybody means does.

    Raises:
        click.UsageError: the file cannot be read.
    """
    if value == "-":
        return sys.stdin.buffer.read()
    if value.lstrip("\ufeff \r\n\t\"'b")[:1] in ("{", "[") or ": " in value or not value:
        return value.encode("utf-8", "surrogateescape")
    try:
        return Path(value.removeprefix("@")).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{option} {value[:100]}: {error.strerror}") from None


def read_time(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> float | None:
    """Seconds since 1970, from a number or a time with its zone.

    Raises:
        click.BadParameter: it is neither.
    """
    if value is None:
        return None
    try:
        return float(value)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        raise click.BadParameter(f"{value}: write 2026-11-26T12:00:00Z") from None
    if moment.tzinfo is None:
        raise click.BadParameter(f"{value}: its zone is missing, such as Z at the end")
    return moment.timestamp()
