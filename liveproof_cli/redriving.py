"""What redriving does: to dead letters, and to verifications whose messages were given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from liveproof.clouds.aws.events import read_message
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.states import STATES, Status
from liveproof.domain.verification import InputState, Verification
from liveproof.invocations import UnknownMessage
from liveproof.ports import Records, RecordUnreadable, Steps
from liveproof.use_cases.uploads import key_owner
from liveproof_cli.deployments.queues import DeadLetter, Queues
from liveproof_cli.overdue import overdue

_MOST = 10_000
"""Verifications that one command looks at."""

_LONGEST_EXPIRY_MS = 24 * 60 * 60 * 1000
"""An awaited upload's verification is due at its expiry: `expires_in` of the API."""

PAID = "at most one paid call"
PAID_LATER = "one paid call, once every upload is proven"
FREE = "nothing"


@dataclass(frozen=True)
class Effect:
    """What a message does when its step runs.

    Attributes:
        does: in words, for people.
        costs: PAID, PAID_LATER or FREE.
    """

    does: str
    costs: str


@dataclass(frozen=True)
class Item:
    """Something to redrive.

    Attributes:
        source: the queue of the dead letter, or `overdue`.
        id: of the verification; None if the message names none.
        redrive: does it; None for a message that no step understands.
        leave: leaves it as it was.
    """

    source: str
    id: str | None
    effect: Effect
    redrive: Callable[[], None] | None
    leave: Callable[[], None] = lambda: None


def effect_of(verification: Verification | None, now: int) -> Effect:
    """What the next step of a verification does, and whether that is paid for."""
    if verification is None:
        return Effect("nothing: the verification is not there any more", FREE)
    status = verification.status
    if status is Status.AWAITING_UPLOAD:
        missing = [
            name for name, file in verification.inputs.items() if file.state is InputState.MISSING
        ]
        if now >= verification.expires_at:
            return Effect("looks for its uploads a last time, or lets it expire", PAID_LATER)
        return Effect(f"looks for {', '.join(missing)} in the bucket", PAID_LATER)
    if status is Status.HELD and not verification.is_due(now):
        return Effect("nothing: it is held, `liveproof release` allows its call", FREE)
    if status in (Status.ERASING, Status.ERASED):
        return Effect("goes on with its erasure", FREE)
    if status is Status.DECIDED:
        if verification.due_at is None:
            return Effect("nothing: its webhook is delivered or given up", FREE)
        return Effect("sends its webhook", FREE)
    if not verification.is_due(now):
        return Effect("nothing yet: a worker has it, or it waits for its time", FREE)
    call = verification.last_call
    if call is not None and call.outcome is CallOutcome.ANSWERED:
        return Effect("decides by the answer that is in the ledger", FREE)
    return Effect("makes its check", PAID)


def dead_letters(queues: Queues, records: Records, bucket: str, now: int) -> Iterator[Item]:
    """Every dead letter of a deployment on AWS. Each is hidden from others until it is left."""
    for queue in queues.all:
        for letter in queues.dead_letters(queue):
            yield _of_letter(queues, letter, records, bucket, now)


def _of_letter(queues: Queues, letter: DeadLetter, records: Records, bucket: str, now: int) -> Item:
    leave = partial(queues.put_back, letter)
    try:
        message = read_message(letter.body, bucket)
    except UnknownMessage as unknown:
        effect = Effect(f"nothing: {unknown}", FREE)
        return Item(letter.queue.name, None, effect, None, leave)
    owners = [owner[0] for key in message.created_keys if (owner := key_owner(key))]
    id = message.verification_id or next(iter(owners), None)
    redrive = partial(queues.send_back, letter)
    if id is None:
        effect = Effect("nothing: it is about no verification", FREE)
        return Item(letter.queue.name, None, effect, redrive, leave)
    return Item(letter.queue.name, id, _effect(records, id, now), redrive, leave)


def _effect(records: Records, id: str, now: int) -> Effect:
    try:
        return effect_of(records.load(id), now)
    except RecordUnreadable:
        return Effect("fails again: this version cannot read the record", FREE)


def given_up(records: Records, steps: Steps, now: int, awaited_ms: int) -> Iterator[Item]:
    """Verifications whose step should have run, and those that still wait for an upload.

    An upload whose event was lost lies in the bucket, and nobody looks for it before the
    verification's time is up.

    Args:
        awaited_ms: an app is given so long to upload.
    """
    seen: set[str] = set()
    for verification in [*overdue(records, now, _MOST), *_awaiting(records, now, now - awaited_ms)]:
        if verification.id in seen:
            continue
        seen.add(verification.id)
        step = STATES[verification.status].step
        start = partial(
            steps.request, step, verification.id, check=verification.check,
            client=verification.client,
        )  # fmt: skip
        source = "overdue" if verification.is_due(now) else "awaiting_upload"
        yield Item(source, verification.id, effect_of(verification, now), start)


def _awaiting(records: Records, now: int, created_before: int) -> Iterator[Verification]:
    for due in records.due(now + _LONGEST_EXPIRY_MS, _MOST):
        if due.status is not Status.AWAITING_UPLOAD:
            continue
        try:
            verification = records.load(due.id)
        except RecordUnreadable:
            continue
        if (
            verification is not None
            and verification.status is Status.AWAITING_UPLOAD
            and verification.created_at <= created_before
        ):
            yield verification
