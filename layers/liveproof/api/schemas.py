"""The bodies of answers. The OpenAPI document is made from these and from `domain.requests`."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from liveproof.webhooks.message import DecisionData


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


class AttemptView(Struct, frozen=True):
    """An attempt of a delivery, or a fault of the deployment's own that prevented it.

    `delivery` is the delivery's number, `number` the attempt's in it (null for a fault or a probe,
    which are not counted), `answer` the first characters of what the endpoint answered, as escaped
    text, `next_at` when the next attempt is due.
    """

    delivery: int
    number: int | None
    at: str
    latency_ms: int
    status: int | None
    error: str | None
    answer: str | None
    next_at: str | None


class DeliveryView(Struct, frozen=True):
    """The webhook's delivery.

    `log` has the newest attempts of all deliveries, the newest last; `log_dropped` counts the older
    ones that it has no more.
    """

    number: int
    state: str
    attempts: int
    last_status: int | None
    last_error: str | None
    log: list[AttemptView]
    log_dropped: int


class FrameView(Struct, frozen=True):
    """A best frame in the deployment's bucket."""

    key: str
    md5: str
    size: int


class EvidenceView(Struct, frozen=True):
    """The best frames that were kept; `missing` says why there are fewer than offered, or none."""

    frames: list[FrameView]
    missing: str | None


class EvidenceFileView(Struct, frozen=True):
    """A file: GET it at `url`, without an API key. `md5` and `sha256` are hexadecimal digits."""

    name: str
    url: str
    content_type: str
    md5: str | None
    sha256: str | None
    size: int | None


class EvidenceFiles(Struct, frozen=True):
    """The evidence of a decision; the URLs are valid until `expires_at`.

    `manifest` is signed: docs/evidence.md says how to verify it. Where it is null,
    `manifest_missing` says why: `not_yet` (ask again after a minute), `no_key` (the operator has
    put no key of evidence), `not_signed` (signing failed for as long as the record is kept),
    `older_version` (a version without manifests decided it). The best frames are there for a person
    who passed; `frames_missing` says why there are fewer than the vendor offered, or none.
    """

    id: str
    decision: str
    manifest: EvidenceFileView | None
    manifest_missing: str | None
    frames: list[EvidenceFileView]
    frames_missing: str | None
    expires_at: str


class ChallengeView(Struct, frozen=True):
    """What the person was asked to do in a video."""

    type: str
    data: str | None


class ErasureView(Struct, frozen=True):
    """When the erasure was requested, and when the files were deleted (null: not yet)."""

    requested_at: str
    erased_at: str | None


class VerificationView(DecisionData, frozen=True):
    """A verification: the webhook's `data`, plus how it stands.

    Of an erased one, `status` is `erasing` until its files are deleted, then `erased`. Its fields
    of a person are null or empty; id, times, decision and calls stay.

    `redo_of` is the verification whose proven files an operator lets this one check again.
    """

    status: str
    threshold: float
    challenge: ChallengeView | None
    created_at: str
    expires_at: str
    inputs: dict[str, InputView]
    calls: list[CallView]
    delivery: DeliveryView | None
    evidence: EvidenceView | None
    waiting_for: str | None
    consent_reference: str | None
    erasure: ErasureView | None
    redo_of: str | None


class EndpointFailureView(Struct, frozen=True):
    """An attempt that failed: `answer` is the status, or the code of why there was none."""

    at: str
    answer: str
    latency_ms: int


class EndpointTestView(Struct, frozen=True):
    """The last `webhook.test`, and when one was accepted last."""

    at: str
    answer: str
    accepted_at: str | None


class WebhookHealth(Struct, frozen=True):
    """How the client's webhook endpoint is.

    `failing_since` is the first failure after the last accepted attempt, and `failures` how many
    there were since. While the endpoint is paused, `paused_because` is `failures` or `gone` (it
    answered 410), and `next_probe_at` is the earliest time of the next probe.
    """

    state: str
    attempts_in_flight: int
    failing_since: str | None
    failures: int
    last_failure: EndpointFailureView | None
    paused_since: str | None
    paused_because: Literal["failures", "gone"] | None
    next_probe_at: str | None
    last_test: EndpointTestView | None


class WebhookKey(Struct, frozen=True):
    """A public key of version `v1a`, and until when webhooks are signed with it; null: no end."""

    id: str
    public_key: str
    not_after: str | None


class WebhookKeys(Struct, frozen=True):
    """The keys with which webhooks are signed now, in the order of their ids.

    `evidence_keys` verify manifests of evidence, and no webhook. Those that sign no more stay in
    the list: a manifest is good if it was signed until `not_after`.
    """

    keys: list[WebhookKey]
    evidence_keys: list[WebhookKey]


class Resent(Struct, frozen=True):
    """Verifications whose webhooks are sent again, or would be (`dry_run`), newest first.

    `skipped` changed at the same moment, most likely by an attempt. `next_cursor` continues; null
    at the end. A part that sends has 25 at most, and the next one may follow at `continue_at`.
    """

    dry_run: bool
    verifications: list[str]
    skipped: list[str]
    next_cursor: str | None
    continue_at: str | None


class WebhookTestView(Struct, frozen=True):
    """How the endpoint took a test. `status` and `answer` are null when there was no answer.

    `explanation` says what happened and `advice` what to do, both for people. `error` is null, or a
    code as in `last_error` of a delivery.
    """

    accepted: bool
    client: str
    webhook_id: str
    status: int | None
    error: str | None
    latency_ms: int
    answer: str | None
    explanation: str
    advice: str | None


class VerificationList(Struct, frozen=True):
    """Verifications, newest first. `next_cursor` continues the list; null at its end.

    A request looks through 2,000 verifications at most. So with a filter there may be fewer than
    `limit`, or none, and still a `next_cursor`.
    """

    verifications: list[VerificationView]
    next_cursor: str | None
