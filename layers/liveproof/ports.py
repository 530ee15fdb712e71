"""The ports: what use cases need from outside. `liveproof.clouds` has an adapter of each per cloud.

The port of the vendor's limits is in `liveproof.quota`; webhooks leave by `webhooks/sender.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from msgspec import Struct

from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.filter import Filter
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Proof, Verification


class Conflict(Exception):
    """Another change to the verification was saved first; load it again and decide anew."""


class IdempotencyConflict(Exception):
    """The idempotency key was used before: for this verification, by a request with this digest."""

    def __init__(self, verification_id: str, fingerprint: str) -> None:
        super().__init__("the idempotency key was used before")
        self.verification_id = verification_id
        self.fingerprint = fingerprint


class RecordUnreadable(Exception):
    """This version cannot read a stored verification. The text has its id and nothing else."""


class ObjectMissing(Exception):
    """No object lies under this key."""


class ObjectUnreadable(Exception):
    """The object can never be read: it is archived, or encrypted with its uploader's key."""


class ObjectReplaced(Exception):
    """The object under this key is not the proven one, or its bytes have changed."""


class SecretUnusable(Exception):
    """A secret is missing, is not JSON or lacks a field. The text never shows its content."""


class IdempotencyClaim(Struct, frozen=True):
    """A client's idempotency key (digest) with the digest of the request that it stands for."""

    key: str
    fingerprint: str
    expires_at: int


class Due(Struct, frozen=True):
    """A verification whose step the sweep must request.

    Attributes:
        status: None for a state that this version does not know.
        due_at: when the state's step should have run (ms), or, once it is backed off, when the
            sweep must request the step again.
        backed_off: `due_at` is known to be the latter. A store may leave it False where messages
            can be delayed (`Steps.lookahead`).
        check, client: of the verification; None where a version before 2026-11-27 stored it.
    """

    id: str
    status: Status | None
    due_at: int
    backed_off: bool = False
    check: str | None = None
    client: str | None = None


class Page(Struct, frozen=True):
    """Verifications, newest first; ids that cannot be read; `cursor` goes on, None at the end."""

    verifications: tuple[Verification, ...]
    cursor: str | None
    unreadable: tuple[str, ...] = ()


class PresignedUpload(Struct, frozen=True):
    """The request with exactly these headers and the bytes, until `expires_at` (ms since 1970)."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: int


class ObjectStream(Protocol):
    """`size` bytes, read in order. A context manager."""

    size: int

    def read(self, amount: int = -1) -> bytes: ...

    def __enter__(self) -> ObjectStream: ...

    def __exit__(self, *exc: object) -> None: ...


class StoredObject(ObjectStream, Protocol):
    """An object's bytes as they are stored, and the bucket's metadata of the object.

    Attributes:
        etag: without quotes; empty if the bucket gave none. It need not be an MD5.
        version: as in `Proof`.
        content_encoding: the Content-Encoding that the uploader gave the object; None without one.
            `read` never decodes.
    """

    etag: str
    version: str | None
    content_encoding: str | None

    def __enter__(self) -> StoredObject: ...


@dataclass(frozen=True)
class Source:
    """A proven input.

    Attributes:
        key: where it lies in the bucket.
        md5: 32 hex digits.
        size: in bytes.
        open: a stream of its bytes, compared with the proof while they are read. Opening raises
            ObjectMissing, ObjectUnreadable or ObjectReplaced; reading raises ObjectReplaced, before
            it returns the last byte, if the bytes are not the proven ones.
        proof: what was proven; None in old records.
    """

    key: str
    md5: str
    size: int
    open: Callable[[], AbstractContextManager[ObjectStream]]
    proof: Proof | None = None


class Records(Protocol):
    """Verifications. Every write is conditional: it names the version that it replaces."""

    due_partitions: int
    """How many partitions of an index `due` reads, with one query each at least."""

    def load(self, verification_id: str) -> Verification | None:
        """The verification as stored now (a strongly consistent read). Raises RecordUnreadable."""

    def save(
        self, verification: Verification, claim: IdempotencyClaim | None = None
    ) -> Verification:
        """Store it over the version that it was loaded from; returns it with its new version.

        Raises:
            Conflict: the store holds another version, or a state that this one cannot follow.
            IdempotencyConflict: `claim.key` is taken (only for a new verification).
        """

    def claimed(self, key: str, now: int) -> tuple[str, str] | None:
        """The verification and fingerprint for which an idempotency key is taken at `now`."""

    def due(self, before: int, limit: int) -> Iterator[Due]:
        """Unfinished verifications due before a time (ms), the longest due first.

        Unreadable ones are among them. A verification may be backed off during the iteration. A
        store may list one up to 15 minutes before it is due; `back_off` then returns None.
        """

    def back_off(self, due: Due, now: int, first: int, longest: int) -> int | None:
        """List a due verification later: behind all that are due by now. Its record is not read.

        The wait is `first`, and doubles each time up to `longest` (all in ms). Any save ends it.
        The verification itself does not change: its step may run at any time.

        A verification that stays at the longest wait for as long as finished ones are kept is
        deleted: nothing could read or end it.

        Returns:
            The wait, or None if the verification was saved or backed off since it was listed, or
            was listed early.
        """

    def recent(self, client: str, criteria: Filter, limit: int, cursor: str | None) -> Page:
        """A client's verifications, the newest first or, if wanted, the oldest.

        Those that cannot be read are left out. A page takes bounded work: it may have fewer than
        `limit`, or none, although its cursor says that the list continues.

        Raises:
            ValueError: a foreign cursor.
        """

    def delete_expired(self, now: int, limit: int) -> int:
        """Delete what has been kept for the retention time at `now` (ms), `limit` records at most.

        Returns:
            How many were deleted; always 0 where the store itself deletes them.
        """


class Bucket(Protocol):
    """The deployment's bucket."""

    def presign_put(
        self, key: str, md5: str, size: int, content_type: str, now: int, expires_at: int
    ) -> PresignedUpload:
        """A URL that accepts exactly these bytes, once. Times in ms; `md5` is 32 hex digits."""

    def presign_get(self, key: str, proof: Proof | None, now: int, expires_at: int) -> str:
        """A URL to GET the object, or its proven version if there are any. Times in ms."""

    def open(self, key: str, proof: Proof | None = None) -> StoredObject:
        """The object's bytes; with `proof` only of the object that has this ETag and version.

        Raises:
            ObjectMissing: there is none.
            ObjectReplaced: there is another. Only with `proof`.
            ObjectUnreadable: it cannot be read, now or later. After any other exception a retry may
                succeed.
        """

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Store an object of the deployment's own, such as a best frame."""


class Window(NamedTuple):
    """Times (ms since 1970) later than `after` and not later than `until`."""

    after: int
    until: int


class Steps(Protocol):
    """Messages that start a verification's step, now or later.

    A message may be lost: the due time in the record is the promise, and the sweep keeps it.
    """

    def lookahead(self, now: int) -> Window | None:
        """The due times in the future for which the sweep at `now` (ms) must request steps, because
        `request` cannot delay a message that long. None where messages can be delayed.
        """

    def request(
        self,
        step: Step,
        verification_id: str,
        at: int | None = None,
        *,
        check: str | None,
        client: str | None,
    ) -> None:
        """Start the step at `at` (ms since 1970; None: now), in a function of its own.

        Sends nothing for a time so late that the sweep will request the step then. `check` and
        `client` are the verification's: what waits for one must not hold back another. With None
        the step runs as well, only without this promise.
        """

    def has_backlog(self, step: Step, check: str | None) -> bool:
        """Whether messages of the step wait for their turn, so that a new one would wait, too."""


class Secrets(Protocol):
    """Secrets by name, cached for as long as the deployment's setting says."""

    def get(self, name: str) -> bytes:
        """The secret's text as bytes. Raises SecretUnusable when there is none."""

    def refresh(self, name: str) -> bool:
        """Read it now, at a limited rate; never raises. Whether the text has changed."""


class WebhookSender(Protocol):
    """The way to clients' endpoints."""

    def send(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds_left: float
    ) -> WebhookResponse:
        """Make one HTTP try within `seconds_left`. No error of endpoint or network is raised."""


class Clock(Protocol):
    """Wall-clock time, which a test can move."""

    def now(self) -> int:
        """Milliseconds since 1970, UTC."""

    def sleep_until(self, at: int) -> None:
        """Wait until `at` (ms)."""
