"""What lies in the bucket of a decision: the best frames and the signed manifest."""

from __future__ import annotations

from msgspec import Struct


class KeptFrame(Struct, frozen=True, kw_only=True):
    """A best frame in the bucket. `sha256` is empty in old records."""

    key: str
    md5: str
    size: int
    sha256: str = ""


class Evidence(Struct, frozen=True, kw_only=True):
    """The best frames in the bucket; `missing` says why some or all are not there."""

    frames: tuple[KeptFrame, ...] = ()
    missing: str | None = None


class Manifest(Struct, frozen=True, array_like=True):
    """The signed manifest of a decision, in the bucket. It is stored as a JSON array.

    Attributes:
        sha256: of the object, 64 lower-case hex digits.
        key_id: of the key that signed it.
        signed_at: ms since 1970.
        missing: why there is none: `no_key` or `not_signed`.
    """

    sha256: str = ""
    key_id: str = ""
    signed_at: int = 0
    missing: str | None = None
