"""How far the erasure of a verification is. Times are milliseconds since 1970, UTC."""

from __future__ import annotations

from msgspec import Struct


class Erasure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The deletion of a verification's files and personal fields.

    Attributes:
        requested_at: when a client or an operator asked for it, and the personal fields went.
        erased_at: when the bucket had nothing more of the verification; None until then.
        look_at: when the bucket is looked at again, for what came after `erased_at`; None when
            nothing can come any more.
        digest: of rejected files that are remembered (`domain/limits.py`). They are forgotten with
            each look at the bucket; None after the last one.
        objects: how many objects and versions of objects were deleted.
    """

    requested_at: int
    erased_at: int | None = None
    look_at: int | None = None
    digest: str | None = None
    objects: int = 0


def due_with_look(erasure: Erasure | None, due_at: int | None, now: int) -> int | None:
    """When the next step is due: at `due_at`, or for the next look at the bucket if that is sooner.

    Args:
        erasure: None where nobody asked for one.
        due_at: of the webhook; None if nothing more is sent.
    """
    if erasure is None or erasure.look_at is None:
        return due_at
    look_at = max(now, erasure.look_at)
    return look_at if due_at is None else min(due_at, look_at)
