"""The bodies that the API answers with, and how it reads a request's.

The types of requests' bodies are in `domain.requests`. The OpenAPI document is generated from both.
"""

from __future__ import annotations

import base64
import re
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from liveproof import decoding
from liveproof.decoding import NotAsExpected, NotJson, Path, path_text
from liveproof.use_cases.errors import InvalidRequest
from liveproof.webhooks.message import DecisionData

_T = TypeVar("_T")
_HEXADECIMAL = re.compile("[0-9a-fA-F]*")
_OTHER_DIGESTS = {40: "SHA-1", 64: "SHA-256", 128: "SHA-512"}
_BASE64_OF_16_BYTES = re.compile("[A-Za-z0-9+/_-]{22}(==)?")
_URL_SAFE = str.maketrans("-_", "+/")


class NoBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a route that takes none: nothing, or an empty object."""


class ReflectSequence(Struct, frozen=True):
    """A light sequence: the vendor's bytes in base64, and their MD5."""

    content_base64: str
    md5: str


class Upload(Struct, frozen=True):
    """What to send to the bucket: this method and URL, exactly these headers, the file's bytes."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: str


class Created(Struct, frozen=True):
    """A verification and the uploads that it waits for."""

    id: str
    status: str
    check: str
    region: str
    expires_at: str
    uploads: dict[str, Upload]


class InputView(Struct, frozen=True):
    """An input's state."""

    state: str
    md5: str
    size: int
    content_type: str
    reason: str | None


class CallView(Struct, frozen=True):
    """One entry of the ledger. `region` is null for an action that takes none."""

    number: int
    action: str
    region: str | None
    state: str
    outcome: str | None
    code: str | None
    request_id: str | None
    latency_ms: int | None
    billable: str | None


class DeliveryView(Struct, frozen=True):
    """The webhook's delivery."""

    number: int
    state: str
    attempts: int
    last_status: int | None
    last_error: str | None


class FrameView(Struct, frozen=True):
    """A best frame in the deployment's bucket."""

    key: str
    md5: str
    size: int


class EvidenceView(Struct, frozen=True):
    """The best frames that were kept; `missing` says why there are fewer than offered, or none."""

    frames: list[FrameView]
    missing: str | None


class ChallengeView(Struct, frozen=True):
    """What the person was asked to do in a video."""

    type: str
    data: str | None


class VerificationView(DecisionData, frozen=True):
    """A verification: the webhook's `data`, plus how it stands."""

    status: str
    threshold: float
    challenge: ChallengeView | None
    created_at: str
    expires_at: str
    inputs: dict[str, InputView]
    calls: list[CallView]
    delivery: DeliveryView | None
    evidence: EvidenceView | None


class VerificationList(Struct, frozen=True):
    """Verifications, newest first. `next_cursor` continues the list; null at its end."""

    verifications: list[VerificationView]
    next_cursor: str | None


def decode(body: bytes, kind: type[_T]) -> _T:
    """The request's body.

    Raises:
        InvalidRequest: with the field and what was expected of it.
    """
    try:
        return decoding.decode(body, kind)
    except NotJson as wrong:
        raise InvalidRequest(f"the body {wrong.detail}") from None
    except NotAsExpected as wrong:
        detail = wrong.detail
        if wrong.path[-1:] == ("md5",):
            detail = _about_md5(_value_at(body, wrong.path)) or detail
        raise InvalidRequest(detail, path_text(wrong.path) or None) from None


def _value_at(body: bytes, path: Path) -> Any:
    """What stands at a path of a JSON document, None if nothing does."""
    found = msgspec.json.decode(body)
    try:
        for part in path:
            found = found[part]
    except (KeyError, IndexError, TypeError):
        return None
    return found


def _about_md5(value: Any) -> str | None:
    """What people write in place of an MD5, in words."""
    if not isinstance(value, str):
        return None
    wanted = "an MD5 is 32 hexadecimal digits"
    if _HEXADECIMAL.fullmatch(value):
        kind = _OTHER_DIGESTS.get(len(value))
        return f"{wanted}; this has {len(value)}" + (f", as a {kind} has" if kind else "")
    if _BASE64_OF_16_BYTES.fullmatch(value):
        digits = base64.b64decode(value[:22].translate(_URL_SAFE) + "==").hex()
        return f"{wanted}; this looks like base64: in hexadecimal it is {digits}"
    return f"{wanted} and nothing else; this has {len(value)} characters, others among them"
