"""A function stopped anywhere, on every path that fails: the same ending.

`test_killed_anywhere` has all moments of the path on which nothing fails, `tests/crash_matrix` has
every check with its real vendor client. Here is what goes wrong on the way; some moments of each in
the gate, all with LIVEPROOF_WHOLE_ATTACK=1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.states import Status
from liveproof.domain.verification import DeliveryState
from liveproof.use_cases.renew_uploads import renew_uploads
from liveproof.use_cases.resend_result import resend_result
from liveproof.vendors.errors import OutcomeUnknown, RelayFailed, VendorRefused
from liveproof_cli.operations import Operations, Operator
from tests.support.checks import answer
from tests.support.crash_runs import Run, Way, stop_everywhere
from tests.support.deployment import CLIENT, FILES, Deployment


def upload_all(files: dict[str, bytes], run: Run) -> None:
    for name, body in files.items():
        run.upload(name, body)


def plain(
    arrange: Callable[[Deployment], None] = lambda deployment: None, policy: str = "repeat_once"
) -> Deployment:
    deployment = Deployment(unknown_outcome=policy)
    arrange(deployment)
    deployment.create()
    return deployment


def scripted(*script: Any) -> Callable[[Deployment], None]:
    def arrange(deployment: Deployment) -> None:
        deployment.check.script = list(script)

    return arrange


def unprepared(*failures: Any) -> Callable[[Deployment], None]:
    def arrange(deployment: Deployment) -> None:
        deployment.check.prepare_fails = list(failures)

    return arrange


def answered(*responses: WebhookResponse) -> Callable[[Deployment], None]:
    def arrange(deployment: Deployment) -> None:
        deployment.endpoint.script = list(responses)

    return arrange


def wrong_bytes(run: Run) -> None:
    run.upload("image", b"not what was declared")


def nothing(run: Run) -> None:
    """Nobody uploads anything."""


def one_event_lost(run: Run) -> None:
    run.upload("image", FILES["image"])
    run.deployment.put(run.entry, "live_data")


def files_deleted(run: Run) -> None:
    upload_all(FILES, run)
    run.deployment.bucket.objects.clear()


def renewed(run: Run) -> None:
    dependencies = run.deployment.dependencies
    run.ask(lambda: renew_uploads(dependencies, CLIENT, run.entry.id))
    upload_all(FILES, run)


def sent_again(run: Run) -> None:
    upload_all(FILES, run)
    run.settle()
    dependencies = run.deployment.dependencies
    run.ask(lambda: resend_result(dependencies, CLIENT, run.entry.id))


def secret_broken_for_a_while(run: Run) -> None:
    secrets = run.deployment.secrets.values
    good = secrets["webhooks"]
    secrets["webhooks"] = b"{"
    upload_all(FILES, run)
    for _ in range(4):
        run.deployment.clock.advance(60_000)
        for one in run.deployment.steps.take():
            run.deployment.survive(partial(run.deployment.perform, one))
    secrets["webhooks"] = good


def released(run: Run) -> None:
    deployment = run.deployment
    upload_all(FILES, run)
    for _ in range(30):
        current = deployment.load(run.entry.id)
        if current.status in (Status.HELD, Status.DECIDED):
            break
        deployment.clock.sleep_until((current.due_at or 0) + 10_000)
        deployment.survive(partial(deployment.run_check, run.entry))
    if deployment.load(run.entry.id).status is Status.HELD:
        work = Operations(deployment.records, deployment.clock, Operator("ana", "tried"))
        deployment.survive(partial(work.release, run.entry.id))


UNKNOWN = OutcomeUnknown("timed out")
EVERYTHING = partial(upload_all, FILES)
ALSO_UNKNOWN = frozenset({"call_outcome_unknown"})
SERVER_ERROR, TAKEN, GONE = (WebhookResponse(status, None, 5) for status in (500, 204, 410))
# Name, way, moments at least, the reason.
PATHS: list[tuple[str, Way, int, str]] = [
    ("upload refused", Way(plain, wrong_bytes), 15, "wrong_size"),
    ("nothing uploaded", Way(plain, nothing), 10, "uploads_expired"),
    ("an event lost", Way(plain, one_event_lost), 40, "passed"),
    ("renewed", Way(plain, renewed), 40, "passed"),
    (
        "files deleted",
        Way(plain, files_deleted, frozenset({"uploads_expired", "passed"})),
        30,
        "uploads_gone",
    ),
    (
        "preparation refused for good",
        Way(
            partial(plain, unprepared(*[VendorRefused("UnauthorizedOperation.Arrears", "r")] * 9)),
            EVERYTHING,
        ),
        30,
        "vendor_account",
    ),
    (
        "preparation fails twice",
        Way(partial(plain, unprepared(RelayFailed("away"), RelayFailed("away"))), EVERYTHING),
        50,
        "passed",
    ),
    (
        "vendor away for good",
        Way(partial(plain, unprepared(*[RelayFailed("away")] * 200)), EVERYTHING),
        300,
        "vendor_unavailable",
    ),
    (
        "throttled for good",
        Way(
            partial(plain, scripted(answer(None, None, error="RequestLimitExceeded"))),
            EVERYTHING,
            ALSO_UNKNOWN,
        ),
        300,
        "vendor_unavailable",
    ),
    (
        "unknown, then throttled for good",
        Way(
            partial(plain, scripted(UNKNOWN, answer(None, None, error="RequestLimitExceeded"))),
            EVERYTHING,
        ),
        300,
        "call_outcome_unknown",
    ),
    (
        "unknown twice",
        Way(partial(plain, scripted(UNKNOWN)), EVERYTHING),
        40,
        "call_outcome_unknown",
    ),
    (
        "a code that nobody knows",
        Way(partial(plain, scripted(answer("Never.Heard"))), EVERYTHING),
        30,
        "vendor_code_unknown",
    ),
    (
        "held and released",
        Way(
            partial(plain, scripted(UNKNOWN, answer()), "hold"),
            released,
            ALSO_UNKNOWN | {"passed"},
        ),
        50,
        "passed",
    ),
    (
        "held and forgotten",
        Way(partial(plain, scripted(UNKNOWN, answer()), "hold"), EVERYTHING),
        40,
        "call_outcome_unknown",
    ),
    (
        "webhook refused twice",
        Way(partial(plain, answered(SERVER_ERROR, SERVER_ERROR, TAKEN)), EVERYTHING),
        50,
        "passed",
    ),
    (
        "webhook not wanted for a while",
        Way(partial(plain, answered(GONE, TAKEN)), EVERYTHING),
        30,
        "passed",
    ),
    ("webhooks' secret broken", Way(plain, secret_broken_for_a_while), 50, "passed"),
    ("sent again", Way(plain, sent_again), 50, "passed"),
]


@pytest.mark.parametrize(
    ("way", "least", "reason"),
    [path[1:] for path in PATHS],
    ids=[path[0] for path in PATHS],
)
def test_every_path_that_fails_ends_as_if_nothing_had_happened(
    way: Way, least: int, reason: str
) -> None:
    ended = stop_everywhere(way, least)

    assert ended.verdict is not None
    assert ended.verdict.reason.code == reason
    assert ended.delivery is not None
    assert ended.delivery.state is not DeliveryState.PENDING
