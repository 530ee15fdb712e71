"""What functions try of their own cloud: store, bucket, secrets, steps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from msgspec import Struct

from liveproof import facts
from liveproof.dependencies import Dependencies
from liveproof.domain.filter import Filter
from liveproof.domain.states import Step
from liveproof.evidence.objects import evidence_prefixes
from liveproof.heartbeats import SELF_TEST
from liveproof.ports import ObjectMissing
from liveproof.secret_documents import ApiKeys, SenseIdKey, VendorKey, Webhooks, read_secret
from liveproof.self_test.exchanges import TrialFailed, fetch_status
from liveproof.use_cases.uploads import NOBODY, probe_key, uploads_prefix

_BODY = b"liveproof doctor"
_URL_LIFETIME_MS = 60_000


class Trial(Struct, frozen=True, omit_defaults=True):
    """Something that the function tried.

    Attributes:
        failed: why it did not succeed; None if it did.
        skew_ms: how far the other side's clock is ahead of the function's, to a second.
        clients: the names of the clients in the document that was read.
    """

    name: str
    failed: str | None = None
    skew_ms: int | None = None
    clients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subject:
    """The function under test, and the token of the probe."""

    function: str
    time_limit_seconds: float
    dependencies: Dependencies
    token: str


# -- The store --------------------------------------------------------------------------------


def _read_store(subject: Subject) -> Trial:
    subject.dependencies.records.load(NOBODY)
    return Trial("")


def _write_store(subject: Subject) -> Trial:
    dependencies = subject.dependencies
    dependencies.heartbeats.beat(f"{SELF_TEST}{subject.function}", dependencies.clock.now())
    return Trial("")


def _list_store(subject: Subject) -> Trial:
    subject.dependencies.records.recent("doctor", Filter(), 1, None)
    return Trial("")


def _due(subject: Subject) -> Trial:
    next(subject.dependencies.records.due(subject.dependencies.clock.now(), 1), None)
    return Trial("")


def _endpoints(subject: Subject) -> Trial:
    subject.dependencies.endpoints.load("doctor")
    return Trial("")


# -- The bucket -------------------------------------------------------------------------------


def _upload(subject: Subject) -> Trial:
    """As an app uploads: by a presigned URL."""
    dependencies, now = subject.dependencies, subject.dependencies.clock.now()
    md5 = hashlib.md5(_BODY, usedforsecurity=False).hexdigest()
    signed = dependencies.bucket.presign_put(
        probe_key(subject.token), md5, len(_BODY), "text/plain", now, now + _URL_LIFETIME_MS
    )
    status, skew = fetch_status(signed.method, signed.url, dict(signed.headers), _BODY)
    if status != 200:
        raise TrialFailed(f"the bucket answered {status} to an upload by a presigned URL")
    return Trial("", skew_ms=skew)


def _read_bucket(subject: Subject) -> Trial:
    """S3 answers 403 for an object that is not there, unless the role may list the bucket."""
    with suppress(ObjectMissing):
        subject.dependencies.bucket.open(f"{uploads_prefix(NOBODY)}none").__exit__()
    return Trial("")


def _read_evidence(subject: Subject) -> Trial:
    with suppress(ObjectMissing):
        subject.dependencies.bucket.open(f"{evidence_prefixes(NOBODY)[0]}none").__exit__()
    return Trial("")


def _write_evidence(subject: Subject) -> Trial:
    key = f"{evidence_prefixes(NOBODY)[0]}doctor"
    subject.dependencies.bucket.put(key, _BODY, "text/plain")
    return Trial("")


def _erase_files(subject: Subject) -> Trial:
    """What probes have left. Their events are on the way, and need no object."""
    bucket = subject.dependencies.bucket
    for prefix in (uploads_prefix(NOBODY), *evidence_prefixes(NOBODY)):
        for version in list(bucket.versions(prefix)):
            bucket.delete(version)
    return Trial("")


# -- Secrets ----------------------------------------------------------------------------------


def _api_keys(subject: Subject) -> Trial:
    name = subject.dependencies.settings.api_keys_secret
    keys = read_secret(subject.dependencies.secrets, name, ApiKeys)
    return Trial("", clients=tuple(keys.clients))


def _webhooks(subject: Subject) -> Trial:
    name = subject.dependencies.settings.webhooks_secret
    webhooks = read_secret(subject.dependencies.secrets, name, Webhooks)
    return Trial("", clients=tuple(webhooks.endpoints))


def _vendor_key(subject: Subject) -> Trial:
    name = subject.dependencies.settings.vendor_key_secret
    read_secret(subject.dependencies.secrets, name, VendorKey)
    return Trial("")


def _senseid_key(subject: Subject) -> Trial:
    settings = subject.dependencies.settings
    if settings.senseid_url:
        read_secret(subject.dependencies.secrets, settings.senseid_key_secret, SenseIdKey)
    return Trial("")


def _webhook_key(subject: Subject) -> Trial:
    if subject.dependencies.webhook_key is not None:
        subject.dependencies.webhook_key.sign(_BODY)
    return Trial("")


# -- Steps ------------------------------------------------------------------------------------


def _start(step: Step) -> Callable[[Subject], Trial]:
    def start(subject: Subject) -> Trial:
        checks = list(facts.checks()) if step is Step.RUN_CHECK else [None]
        for check in checks:
            subject.dependencies.steps.request(step, NOBODY, check=check, client=None)
        return Trial("")

    return start


def _backlogs(subject: Subject) -> Trial:
    steps = subject.dependencies.steps
    for check in facts.checks():
        steps.has_backlog(Step.RUN_CHECK, check)
    steps.has_backlog(Step.VERIFY_UPLOAD, None)
    steps.has_backlog(Step.DELIVER_RESULT, None)
    steps.has_backlog(Step.ERASE, None)
    return Trial("")


METHODS: dict[str, Callable[[Subject], Trial]] = {
    "read_store": _read_store,
    "write_store": _write_store,
    "list_store": _list_store,
    "due": _due,
    "endpoints": _endpoints,
    "upload": _upload,
    "read_bucket": _read_bucket,
    "read_evidence": _read_evidence,
    "write_evidence": _write_evidence,
    "erase_files": _erase_files,
    "api_keys": _api_keys,
    "webhooks": _webhooks,
    "vendor_key": _vendor_key,
    "senseid_key": _senseid_key,
    "webhook_key": _webhook_key,
    "start_verify_upload": _start(Step.VERIFY_UPLOAD),
    "start_run_check": _start(Step.RUN_CHECK),
    "start_deliver_result": _start(Step.DELIVER_RESULT),
    "start_erase": _start(Step.ERASE),
    "backlogs": _backlogs,
}
