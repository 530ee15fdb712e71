"""A function stopped anywhere, in every check and on every path that fails: the same ending.

`test_killed_anywhere` has all moments of the check `reflect`. Here are the other checks, and what
goes wrong on the way; some moments of each in the gate, all with LIVEPROOF_WHOLE_ATTACK=1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import pytest

from liveproof.checks.registry import build_vendors
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.requests import CreateVerification, DeclaredInput
from liveproof.domain.states import Status
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.release_held import release
from liveproof.use_cases.renew_uploads import renew_uploads
from liveproof.use_cases.resend_result import resend_result
from liveproof.vendors.errors import NotSent, OutcomeUnknown, RelayFailed, VendorRefused
from liveproof_emulator import testing
from tests.support.checks import answer
from tests.support.crash_runs import Run, Way, stop_everywhere
from tests.support.deployment import CLIENT, FILES, Deployment, md5_of
from tests.support.replayed import RecordingCheck, ReplayedCheck
from tests.use_cases.test_every_check import MAKE, TYPES, WAYS, checked, dependencies_of

# -- every check ------------------------------------------------------------------------------

CHECKS = [(check, changes) for check, changes, *_ in WAYS]
Recorded = tuple[RecordingCheck, dict[str, bytes]]


@pytest.fixture(scope="module")
def recorded() -> Iterator[Callable[[str, dict[str, Any]], Recorded]]:
    """What a live person's verification met at the emulator, per check and settings."""
    found: dict[str, Recorded] = {}
    with testing.start() as vendor:

        def of(check: str, changes: dict[str, Any]) -> Recorded:
            name = f"{check} {changes}"
            if name not in found:
                deployment = Deployment()
                dependencies = dependencies_of(deployment, vendor, changes)
                recording = RecordingCheck(dependencies.checks[check])
                cast(dict[str, Any], dependencies.checks)[check] = recording
                checked(deployment, dependencies, check, {})
                needed = recording.facts.inputs
                found[name] = recording, {name: MAKE[name](None) for name in needed}
            return found[name]

        yield of


def deployment_of(recorded: Recorded, check: str) -> tuple[Deployment, Verification]:
    recording, files = recorded
    deployment = Deployment()
    replayed = ReplayedCheck(recording, deployment.clock, deployment.crash_points)
    deployment.check = cast(Any, replayed)
    cast(dict[str, Any], deployment.dependencies.checks)[check] = replayed
    request = CreateVerification(
        check=check,
        inputs={
            name: DeclaredInput(md5_of(body), len(body), TYPES[name])
            for name, body in files.items()
        },
    )
    entry, _ = create_verification(
        deployment.dependencies, CLIENT, ApiClient(("0" * 64,)), request, None
    )
    return deployment, entry


def with_call(
    recorded: Recorded, check: str, *first: Exception, frames_fail: bool = False
) -> tuple[Deployment, Verification]:
    """The same, with what the first calls meet."""
    deployment, entry = deployment_of(recorded, check)
    replayed = cast(ReplayedCheck, deployment.check)
    replayed.script = [*first, *replayed.script]
    replayed.fetch_fails = frames_fail
    return deployment, entry


def upload_all(files: dict[str, bytes], run: Run) -> None:
    for name, body in files.items():
        run.upload(name, body)


@pytest.mark.parametrize(("check", "changes"), CHECKS)
def test_every_check_ends_as_if_nothing_had_happened(
    recorded: Callable[[str, dict[str, Any]], Recorded],
    check: str,
    changes: dict[str, Any],
) -> None:
    met = recorded(check, changes)
    way = Way(partial(deployment_of, met, check), partial(upload_all, met[1]))

    ended = stop_everywhere(way, least=30)

    assert ended.verdict is not None
    assert ended.verdict.decision.value == "passed"


@pytest.mark.parametrize(
    "trouble",
    [(OutcomeUnknown("timed out"),), (NotSent("refused"),)],
    ids=["no answer", "not sent"],
)
@pytest.mark.parametrize(("check", "changes"), CHECKS)
def test_every_check_ends_the_same_after_a_call_that_gave_no_verdict(
    recorded: Callable[[str, dict[str, Any]], Recorded],
    check: str,
    changes: dict[str, Any],
    trouble: tuple[Exception, ...],
) -> None:
    met = recorded(check, changes)
    also = frozenset({"call_outcome_unknown"})
    way = Way(partial(with_call, met, check, *trouble), partial(upload_all, met[1]), also)

    ended = stop_everywhere(way, least=40)

    assert ended.verdict is not None
    assert ended.verdict.decision.value == "passed"
    assert len(ended.calls) == 2


def test_frames_that_cannot_be_had_cost_no_decision(
    recorded: Callable[[str, dict[str, Any]], Recorded],
) -> None:
    met = recorded("video", {"video_api": "LivenessCompare", "best_frame_count": 3})
    way = Way(partial(with_call, met, "video", frames_fail=True), partial(upload_all, met[1]))

    ended = stop_everywhere(way, least=40)

    assert ended.evidence is not None
    assert (ended.evidence.frames, ended.evidence.missing) == ((), "not_fetched")


# -- what goes wrong on the way ---------------------------------------------------------------


def plain(
    arrange: Callable[[Deployment], None] = lambda deployment: None, policy: str = "repeat_once"
) -> tuple[Deployment, Verification]:
    deployment = Deployment(unknown_outcome=policy)
    arrange(deployment)
    return deployment, deployment.create()


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
        deployment.survive(partial(release, deployment.records, deployment.clock, run.entry.id))


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
    ("webhook not wanted", Way(partial(plain, answered(GONE)), EVERYTHING), 30, "passed"),
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


def test_every_check_of_the_registry_is_among_them() -> None:
    deployment = Deployment()
    known = build_vendors(deployment.dependencies.settings, deployment.secrets).checks
    assert {check for check, _ in CHECKS} >= set(known)
