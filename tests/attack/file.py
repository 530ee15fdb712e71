"""The file itself: what is in it, whatever its name and type say."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from unittest import mock

from liveproof.domain.states import Status
from liveproof.ports import ObjectMissing
from liveproof.use_cases import sweep
from tests.attack.file_bodies import BUSY, FILMS, PICTURES, Body, mutated, seeds
from tests.attack.rows import Outcome, Row, Side, bounded
from tests.support.deployment import Deployment
from tests.support.uploads import Uploads, reason_of
from tools.local.cloud import LocalCloud


def _judged(check: str, name: str, body: Body, expected: str | None) -> Outcome:
    verification = Uploads().upload(check, name, body())
    reason = reason_of(verification, name)
    called = verification.calls
    return Outcome(f"{reason or 'taken'}, calls: {len(called)}", reason == expected and not called)


def _busy(check: str, body: Body) -> Outcome:
    verification = Uploads().upload(check, "image", body())
    reason = reason_of(verification, "image")
    ended = verification.status is not Status.AWAITING_UPLOAD or reason is None
    return Outcome(reason or "taken", ended)


def _fuzzed(check: str, name: str, body: Body, count: int, seed: int) -> Outcome:
    """Every mutation is taken or refused; none is an exception."""
    nonce = random.Random(seed)
    reasons: dict[str, int] = {}
    uploads = Uploads()
    for number, mutation in enumerate(itertools.islice(mutated(body(), nonce), count)):
        if number % 500 == 499:
            uploads = Uploads()  # its records would fill the memory
        try:
            reason = reason_of(uploads.upload(check, name, mutation), name) or "taken"
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            return Outcome(f"{type(error).__name__} at mutation {number} of seed {seed}", False)
        reasons[reason] = reasons.get(reason, 0) + 1
    summary = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
    return Outcome(summary, not any("undecided" in reason for reason in reasons))


def _starved(poisoned: int, limit: int) -> Outcome:
    """Verifications whose files cannot be read lie before an honest one that has to expire."""
    deployment = Deployment()
    for _ in range(poisoned):
        entry = deployment.create(expires_in=30)
        for name in entry.inputs:
            deployment.put(entry, name)
    honest = deployment.create(expires_in=40)

    def unreadable(key: str, *_: object) -> None:
        if key not in deployment.bucket.objects:
            raise ObjectMissing
        raise OSError("cannot be read")

    with (
        mock.patch.object(sweep, "LIMIT", limit),
        mock.patch.object(deployment.bucket, "open", unreadable),
    ):
        for number in range(1, 31):
            deployment.clock.advance(60_000)
            with suppress(Exception):
                deployment._sweep()
            for step in deployment.steps.take():
                with suppress(Exception):
                    deployment.perform(step)
            if deployment.load(honest.id).status is not Status.AWAITING_UPLOAD:
                return Outcome(f"expired after {number} sweeps", True)
    return Outcome("the honest one still waits after 30 sweeps", False)


def _tables() -> Iterator[Row]:
    yield bounded("files that cannot be read, and one that has to expire", "it expires",
                  _starved, 21, 20)  # fmt: skip
    yield bounded("2 001 files that cannot be read, and one that has to expire", "it expires",
                  _starved, 2001, 2000, seconds=600, slow=True)  # fmt: skip
    for name, (body, video, silent) in FILMS.items():
        for check, reason in (("video", video), ("silent", silent)):
            yield bounded(f"{check}: {name}", _words(reason), _judged, check, "video", body, reason)
    for name, (check, body, reason) in PICTURES.items():
        yield bounded(f"{check}: {name}", _words(reason), _judged, check, "image", body, reason)
    for name, (check, body) in BUSY.items():
        yield bounded(f"{check}: {name}", "judged, and not for ever", _busy, check, body)
    for number, (check, name, body) in enumerate(seeds()):
        for count, slow in ((100, False), (10_000, True)):
            yield bounded(
                f"{check}: {count} mutations of {name} {number}",
                "taken or refused, no exception",
                _fuzzed, check, name, body, count, number, seconds=600, slow=slow,
            )  # fmt: skip


def _words(reason: str | None) -> str:
    return f"resubmit {reason}, no call" if reason else "taken"


def rows(_cloud: str | None) -> Sequence[Row]:
    """The table."""
    return tuple(_tables())


@contextmanager
def standing(_cloud: LocalCloud | None) -> Iterator[None]:
    """Nothing: each row has its own deployment."""
    yield None


SIDE = Side("file", "the file itself, whatever its name and type say", rows, standing)
