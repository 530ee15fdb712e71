"""What a cloud hands a function: one run of the function, and the messages in the run's event."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """The subject of a step's message: a verification, or objects that appeared in the bucket.

    Attributes:
        traceparent: of W3C Trace Context, as the message had it; None in those of a version before
            2026-11-27, and where traces are off.
    """

    verification_id: str | None = None
    created_keys: tuple[str, ...] = ()
    traceparent: str | None = None


@dataclass(frozen=True)
class Invocation:
    """One run of a function.

    Attributes:
        deadline: when it is stopped, ms since 1970.
        time_limit: how many seconds it has for a message that comes again, as the cloud says at its
            start.
        memory_mb: on SCF, where MB are what limits how much runs at once; elsewhere 0.
    """

    function: str
    request_id: str
    deadline: int
    time_limit: float
    memory_mb: int = 0


class UnknownMessage(Exception):
    """No part of the deployment sends such a message. The text quotes nothing of the message."""
