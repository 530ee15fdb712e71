"""The ports: what use cases ask of a cloud. Each has an adapter per cloud in `liveproof.clouds`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct

from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Proof, Verification


class Conflict(Exception):
    """Another change to the verification was saved first; load it again and look."""


class IdempotencyConflict(Exception):
    """The idempotency key was used before.

    Attributes:
        verification_id: the verification that the first use created.
        fingerprint: the digest of the first use's request.
    """

    def __init__(self, verification_id: str, fingerprint: str) -> None:
        super().__init__("the idempotency key was used before")
        self.verification_id = verification_id
        self.fingerprint = fingerprint


class RecordUnreadable(Exception):
    """A stored verification is not one that this version can read. The text has its id only."""


class ObjectMissing(Exception):
    """No object lies under this key."""


class ObjectUnreadable(Exception):
    """An object lies under this key, and its bytes cannot be had, however often they are asked for:
    it is archived, or encrypted with a key that only its uploader has."""


class ObjectReplaced(Exception):
    """What lies under this key is another object than the proven one, or has other bytes."""


class SecretUnusable(Exception):
    """A secret is missing, is not JSON or lacks a field. The text names it, never shows it."""


class QuotaFull(Exception):
    """The next slot is later than the caller can wait."""


class IdempotencyClaim(Struct, frozen=True):
    """A client's idempotency key (digest) with the digest of the request that it stands for."""

    key: str
    fingerprint: str
    expires_at: int


class Due(Struct, frozen=True):
    """A verification that the sweep must ask for.

    Attributes:
        status: None for a state that this version does not know.
        due_at: when the state's step should have run (ms), or, if the sweep has asked since and
            nothing was saved, when it has to ask again.
        backed_off: whether the latter is known to be so. A store need not know it where messages
            can wait (`Steps.ahead`).
    """

    id: str
    status: Status | None
    due_at: int
    backed_off: bool = False


class Page(Struct, frozen=True):
    """Verifications, newest first; `cursor` continues the list, None at its end."""

    verifications: tuple[Verification, ...]
    cursor: str | None


class PresignedUpload(Struct, frozen=True):
    """What an uploader must send: exactly these headers, and the bytes."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: int


class ObjectStream(Protocol):
    """Bytes in order, as many as `size` says. A context manager."""

    size: int

    def read(self, amount: int = -1) -> bytes: ...

    def __enter__(self) -> ObjectStream: ...

    def __exit__(self, *exc: object) -> None: ...


class StoredObject(ObjectStream, Protocol):
    """An object's bytes as they are stored, and what the bucket says of the object.

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
        open: its bytes, which are held to what was proven while they are read. Opening raises
            ObjectMissing, ObjectUnreadable or ObjectReplaced; reading raises ObjectReplaced, before
            the last byte is given, if they are other bytes.
        proof: what was proven; None in old records.
    """

    key: str
    md5: str
    size: int
    open: Callable[[], AbstractContextManager[ObjectStream]]
    proof: Proof | None = None


class Records(Protocol):
    """Verifications, each changed only by a write that knows the version it replaces."""

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

    def due(self, before: int, limit: int) -> Iterator[Due]:
        """Unfinished verifications due before a time (ms), the longest due first, readable or not.

        Each can be backed off while the others are still to come.
        """

    def back_off(self, due: Due, now: int, first: int, longest: int) -> int | None:
        """List a due verification behind all that are due by now. Nothing of it is read.

        The waits begin with `first`, double each time and end with `longest` (all in ms). Any save
        ends them. The verification itself does not change: its step may run at any time.

        One that is at its longest wait is deleted, as a finished one would be, when it has been
        kept from then on as long as those are: nobody could read or end it.

        Returns:
            The wait, or None if the verification was saved or backed off since it was listed.
        """

    def recent(self, client: str, status: Status | None, limit: int, cursor: str | None) -> Page:
        """A client's verifications, newest first; those that cannot be read are left out.

        Raises:
            ValueError: a foreign cursor.
        """

    def forget(self, now: int, limit: int) -> int:
        """Delete what has been kept long enough at `now` (ms); how many, at most `limit`.

        Nothing where the store itself does so.
        """


class Bucket(Protocol):
    """The deployment's bucket."""

    def presign_put(
        self, key: str, md5: str, size: int, content_type: str, now: int, expires_at: int
    ) -> PresignedUpload:
        """A URL that takes exactly these bytes once. Times in ms; `md5` as 32 hex digits."""

    def open(self, key: str, proof: Proof | None = None) -> StoredObject:
        """The object's bytes.

        Args:
            proof: only the object that has this ETag and version.

        Raises:
            ObjectMissing: nothing lies there.
            ObjectReplaced: another object lies there. Only with `proof`.
            ObjectUnreadable: it cannot be read, now or later. Any other exception may pass.
        """

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Store an object that the deployment made itself."""


class Steps(Protocol):
    """Running a step for a verification, now or later. Only a hint: the due time is the promise."""

    def ahead(self, now: int) -> tuple[int, int]:
        """The due times (ms, after and until) for which `run` sends nothing, so that the sweep at
        `now` has to ask ahead of them. Both 0 where messages can wait for any time that counts.
        """

    def run(self, step: Step, verification_id: str, at: int | None = None) -> None:
        """Ask for the step at `at` (ms; None: now)."""


class Secrets(Protocol):
    """Secrets by name, cached for the deployment's lifetime setting."""

    def get(self, name: str) -> bytes:
        """The secret's text as bytes. Raises SecretUnusable when there is none."""


class Quota(Protocol):
    """A vendor's requests-per-second budget, shared by every function of the deployment."""

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        """The time (ms, never before `now`) at which the caller may make one request.

        Raises:
            QuotaFull: it would be after `latest` (ms); no slot was taken then.
        """


@dataclass(frozen=True)
class WebhookResponse:
    """How an endpoint took a webhook.

    Attributes:
        status: the HTTP status, None when there was no answer.
        error: why there was no answer, a short code: url_not_https, url_unusable,
            name_not_resolved, address_not_public, timed_out, not_connected, tls_failed or
            no_answer.
        retry_after: seconds that the endpoint asked to wait, None without a usable header.
    """

    status: int | None
    error: str | None
    latency_ms: int
    retry_after: float | None = None

    @property
    def accepted(self) -> bool:
        """Standard Webhooks: only a 2xx counts."""
        return self.status is not None and 200 <= self.status < 300


class WebhookSender(Protocol):
    """The way to clients' endpoints."""

    def send(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds_left: float
    ) -> WebhookResponse:
        """Make one HTTP try. Never raises for what the endpoint or the network does.

        Args:
            seconds_left: the function's remaining time, which the try does not exceed.
        """


class Clock(Protocol):
    """The time."""

    def now(self) -> int:
        """Milliseconds since 1970, UTC."""

    def sleep_until(self, at: int) -> None:
        """Wait until `at` (ms)."""
