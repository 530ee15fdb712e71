"""No secret, URL or byte of a file in a log line or a record, in every check and on failing paths.

The paths through the deployed handlers are in `tests/functions`. Here the use cases run in memory,
against the emulator, and what their functions would log of an exception is logged.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.requests import CreateVerification, DeclaredInput
from liveproof.domain.states import STATES, Status, Step
from liveproof.observability import Event
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.deliver_result import deliver_result
from liveproof.use_cases.erase import erase
from liveproof.use_cases.renew_uploads import renew_uploads
from liveproof.use_cases.request_erasure import request_erasure
from liveproof.use_cases.resend_result import resend_result
from liveproof.use_cases.run_check import run_check
from liveproof.use_cases.sweep import sweep
from liveproof.use_cases.verify_upload import object_created, uploads_due
from liveproof_emulator import testing
from tests.support.canaries import FILE_CANARY, leaks
from tests.support.crash_points import Failed
from tests.support.deployment import CLIENT, WEBHOOK_KEY, WEBHOOK_SECRET, Deployment, md5_of
from tests.use_cases.test_every_check import MAKE, TYPES, WAYS, dependencies_of

URL_CANARY = "https://files.invalid/face?q-signature=canary"
REFERENCE, METADATA, CONSENT = "canaryReference", "canaryMetadata", "canaryConsent"
PERSON = "Jane Canary Doe"
ANSWER = "canaryOfTheEndpointsAnswer"


class Foreign(Exception):
    """As an SDK raises: with a URL and bytes in its text."""


class Lines(logging.Handler):
    """Every log line of every library, with all that it carries."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.text.append(f"{record.getMessage()} {record.__dict__} {record.exc_text or ''}")


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    loggers = [logging.getLogger(), logging.getLogger(observability.logger.name or "liveproof")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    yield handler
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


class Path:
    """A verification on its way, whatever happens to its functions."""

    def __init__(
        self, deployment: Deployment, vendor: testing.Running, changes: dict[str, Any], check: str
    ) -> None:
        self.deployment, self.vendor, self.check = deployment, vendor, check
        self.dependencies: Dependencies = dependencies_of(deployment, vendor, changes)
        self.files = {
            name: MAKE[name](None) + (b"" if name == "video" else FILE_CANARY.encode())
            for name in self.dependencies.checks[check].facts.inputs
        }
        inputs = {
            name: DeclaredInput(md5_of(body), len(body), TYPES[name])
            for name, body in self.files.items()
        }
        request = CreateVerification(
            check=check,
            inputs=inputs,
            reference=REFERENCE,
            metadata={"key": METADATA, "name": PERSON},
            consent_reference=CONSENT,
        )
        made, self.uploads = create_verification(
            self.dependencies, CLIENT, ApiClient(("0" * 64,)), request, None
        )
        self.id = made.id

    def survive(self, work: Callable[[], object]) -> None:
        """As a function does: what it raises is logged by its type, and comes again."""
        try:
            work()
        except Exception as error:  # noqa: BLE001
            observability.record_failure(Event.MESSAGE_FAILED, error, verification=self.id)

    def upload(self) -> None:
        for name, body in self.files.items():
            key = self.deployment.load(self.id).inputs[name].keys[-1]
            self.deployment.bucket.objects[key] = body
            self.survive(lambda key=key: object_created(self.dependencies, key))  # type: ignore[misc]

    def step(self) -> None:
        """Whatever is due, with its sweep."""
        current = self.deployment.load(self.id)
        if current.due_at is None:
            return
        clock = self.deployment.clock
        clock.sleep_until(current.due_at + 10_000)
        ends = clock.now() + 120_000
        with suppress(Failed, Foreign):
            sweep(self.dependencies, ends)
        step = STATES[current.status].step
        if current.erasure is not None:
            self.survive(lambda: erase(self.dependencies, self.id, ends))
        if step is Step.VERIFY_UPLOAD:
            self.survive(lambda: uploads_due(self.dependencies, self.id, ends))
        elif step is Step.RUN_CHECK:
            self.survive(lambda: run_check(self.dependencies, self.id, ends))
        else:
            self.survive(lambda: deliver_result(self.dependencies, self.id, ends))

    def settle(self, steps: int = 12) -> None:
        for _ in range(steps):
            self.step()

    def secrets(self) -> dict[str, str]:
        """What must be in no log line and no record, by its name."""
        kept = [
            body
            for key, body in self.deployment.bucket.objects.items()
            if key.startswith("evidence/")
        ]
        return {
            "vendor key": self.vendor.secret_key,
            "SenseID key": self.vendor.cipher.key,
            "SenseID IV": self.vendor.cipher.iv,
            "webhook secret": WEBHOOK_SECRET,
            "webhook key": WEBHOOK_KEY.hex(),
            "upload URL": "signature=x",
            "vendor's URL": "q-sign",
            "bytes of a file": FILE_CANARY,
            **{
                f"{name} in base64": base64.b64encode(body).decode()[:60]
                for name, body in self.files.items()
            },
            **{
                f"frame {number}": base64.b64encode(body).decode()[:60]
                for number, body in enumerate(kept)
            },
        }


def faulty(fault: str) -> Callable[[Path, pytest.MonkeyPatch], None]:
    def arrange(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        action = path.dependencies.checks[path.check].api.action
        path.vendor.fault(action, fault)

    return arrange


def unprepared(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.vendor.fault("CreateUploadUrl", "internal-error", 3)


def wrong_files(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.files = {name: body[:-3] + b"xyz" for name, body in path.files.items()}


def unreadable_secret(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = path.deployment.secrets.values
    for name in ("vendor-key", "senseid-key"):
        values[name] = b'{"secret_key": ' + json.dumps(path.vendor.secret_key).encode()
    values["webhooks"] = json.dumps({"endpoints": {CLIENT: {"url": WEBHOOK_SECRET}}}).encode()


def failing_bucket(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise Foreign(f"{URL_CANARY} {FILE_CANARY}")

    monkeypatch.setattr(path.deployment.bucket, "open", fail)


def failing_evidence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise Foreign(f"{URL_CANARY} {FILE_CANARY}")

    monkeypatch.setattr(path.deployment.bucket, "put", fail)


def failing_queue(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise Foreign(URL_CANARY)

    monkeypatch.setattr(path.deployment.steps, "request", fail)


def failing_endpoint(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.deployment.endpoint.script = [
        WebhookResponse(500, None, 5),
        WebhookResponse(None, "timed_out", 5),
    ]


def hostile_endpoint(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.deployment.endpoint.script = [
        WebhookResponse(400, None, 5, answer=f"{ANSWER} \\n{REFERENCE}"),
        WebhookResponse(204, None, 5),
    ]


def failing_store(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save, calls = path.deployment.records.save, iter(range(1_000_000))

    def fail_at_times(*arguments: Any) -> Any:
        if next(calls) % 3 == 1:
            raise Foreign(f"{URL_CANARY} {REFERENCE} {PERSON}")
        return save(*arguments)

    monkeypatch.setattr(path.deployment.records, "save", fail_at_times)


def unreadable_record(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path, "upload", lambda: None)
    monkeypatch.setattr(path, "settle", lambda: None)
    stored = path.deployment.records.stored
    stored[path.id] = stored[path.id].replace(
        b'"threshold":', b'"threshold":"' + URL_CANARY.encode()
    )
    for work in (
        lambda: run_check(path.dependencies, path.id, path.deployment.clock.now() + 60_000),
        lambda: deliver_result(path.dependencies, path.id, path.deployment.clock.now() + 60_000),
        lambda: uploads_due(path.dependencies, path.id, path.deployment.clock.now() + 60_000),
    ):
        path.survive(work)
    path.deployment.clock.advance(86_400_000)
    sweep(path.dependencies, path.deployment.clock.now() + 60_000)
    del stored[path.id]


def nothing_wrong(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way that passes."""


TROUBLES: list[Callable[[Path, pytest.MonkeyPatch], None]] = [
    nothing_wrong,
    faulty("internal-error"),
    faulty("rate-limited-always"),
    faulty("reset-after-body"),
    faulty("cut-short"),
    faulty("not-json"),
    faulty("http-500"),
    unprepared,
    wrong_files,
    unreadable_secret,
    failing_bucket,
    failing_evidence,
    failing_queue,
    failing_endpoint,
    hostile_endpoint,
    failing_store,
    unreadable_record,
]
NAMES = [
    "passes", "internal error", "throttled", "reset", "cut short", "not JSON", "HTTP 500",
    "preparation", "wrong files", "secrets", "bucket", "evidence", "queue", "endpoint",
    "hostile endpoint", "store", "record",
]  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES, ids=NAMES)
@pytest.mark.parametrize(("check", "changes"), [way[:2] for way in WAYS])
def test_nothing_secret_is_logged_or_stored(
    deployment: Deployment,
    vendor: testing.Running,
    lines: Lines,
    monkeypatch: pytest.MonkeyPatch,
    check: str,
    changes: dict[str, Any],
    trouble: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    path = Path(deployment, vendor, changes, check)
    trouble(path, monkeypatch)
    path.upload()
    path.settle()
    if path.id in deployment.records.stored:
        current = deployment.load(path.id)
        with suppress(Exception):
            renew_uploads(path.dependencies, CLIENT, path.id)
        if current.status is Status.DECIDED:
            with suppress(Exception):
                resend_result(path.dependencies, CLIENT, path.id)
            path.settle(2)

    logged = "\n".join(lines.text)
    places = {
        "log": logged,
        "records": b"".join(deployment.records.stored.values()).decode(),
        "every version of the record": repr(deployment.records.history),
        "webhooks": repr([(one.body, one.headers) for one in deployment.endpoint.delivered]),
    }
    assert path.id in places["log"]
    assert leaks(path.secrets(), places) == []
    personal = {
        "reference": REFERENCE, "metadata": METADATA, "person": PERSON, "consent": CONSENT,
    }  # fmt: skip
    assert leaks({**personal, "endpoint's answer": ANSWER}, {"log": logged}) == []
    assert leaks({"consent": CONSENT}, {"webhooks": places["webhooks"]}) == []
    # The control: the search finds what is there.
    assert leaks(personal, {"history": places["every version of the record"]}) != []
    erased_leaves_nothing(path, lines, personal)


def erased_leaves_nothing(path: Path, lines: Lines, personal: dict[str, str]) -> None:
    """Once it is erased, the record names nobody; nor does a log line of the erasure."""
    deployment = path.deployment
    if path.id not in deployment.records.stored:
        return
    before = len(deployment.endpoint.delivered)
    for _ in range(4):  # the store may fail
        path.survive(lambda: request_erasure(path.dependencies, CLIENT, path.id))
    path.settle(6)
    after = {
        "log": "\n".join(lines.text),
        "record": deployment.records.stored[path.id].decode(),
        "webhooks": repr([one.body for one in deployment.endpoint.delivered[before:]]),
    }
    assert '"status":"eras' in after["record"]
    assert leaks({**personal, "endpoint's answer": ANSWER, "a key": "uploads/"}, after) == []
