"""A new verification of the same proven bytes, after one that ended as `error`: an operator's act.

The bytes stay where they are. The new verification names the same objects with the same proofs, so
every read of them is held to the proof as before, and nobody uploads anything.
"""

from __future__ import annotations

from msgspec.structs import replace

from liveproof.domain.audit import OPERATOR, What, act_audited, audited
from liveproof.domain.hash_chain import Chain
from liveproof.domain.states import Status
from liveproof.domain.verification import (
    Decision,
    Input,
    InputState,
    Intervention,
    InterventionKind,
    Verification,
)

FILES_ARE_GONE = frozenset(
    {"uploads_gone", "upload_replaced", "upload_unreadable", "uploads_unread"}
)
"""Reasons of an `error` that say that the proven bytes cannot be read any more."""


class NotRedoable(Exception):
    """A verification cannot be redone; the text says why, and goes on after its id."""


def require_redoable(verification: Verification) -> None:
    """Raises NotRedoable unless the verification ended as `error` with all its bytes proven."""
    if verification.erasure is not None:
        raise NotRedoable("is erased: its files are deleted")
    verdict = verification.verdict
    if verdict is None:  # the states before the decision
        raise NotRedoable(f"is {verification.status.value}: only what ended as error is redone")
    if verdict.decision is not Decision.ERROR:
        raise NotRedoable(f"ended as {verdict.decision.value}: only what ended as error is redone")
    if verdict.reason.code in FILES_ARE_GONE:
        raise NotRedoable(f"ended because its files are gone ({verdict.reason.code})")
    for name, file in verification.inputs.items():
        if file.state is not InputState.PROVEN or file.proof is None:
            raise NotRedoable(f"never had its input {name} proven")


def redone(verification: Verification, new_id: str, act: Intervention) -> Verification:
    """The new verification, ready for its check.

    Args:
        verification: the one that ended as `error`.
        act: who does it, and why; its time is that of the creation.

    Raises:
        NotRedoable: with the reason.
    """
    require_redoable(verification)
    now = act.at
    new = replace(
        verification,
        id=new_id,
        version=0,
        status=Status.READY,
        created_at=now,
        expires_at=now + verification.expires_at - verification.created_at,
        ready_at=now,
        due_at=now,
        inputs={name: _same_object(file) for name, file in verification.inputs.items()},
        calls=(),
        released_at=None,
        verdict=None,
        delivery=None,
        evidence=None,
        manifest=None,
        signals={},
        runs=0,
        vendor_failures=0,
        waiting_for=None,
        vendor_waited_ms=0,
        former_interventions=(),
        audit=Chain(),
        reservation=None,
        # The owner of the objects, also where a redone verification is redone.
        redo_of=verification.redo_of or verification.id,
    )
    created = audited(
        new,
        What.CREATED,
        now,
        OPERATOR,
        check=new.check,
        region=new.region,
        redo_of=verification.id,
    )
    return act_audited(created, replace(act, outcome=verification.id))


def redo_recorded(verification: Verification, new_id: str, act: Intervention) -> Verification:
    """The old verification, which names the new one."""
    return act_audited(verification, replace(act, outcome=new_id))


def redone_as(acts: tuple[Intervention, ...]) -> str | None:
    """The verification that an earlier redo made or was to make; None without a redo."""
    ids = [act.outcome for act in acts if act.kind is InterventionKind.REDO]
    return ids[-1] if ids else None


def _same_object(file: Input) -> Input:
    key = file.proven_key
    return replace(file, keys=file.keys if key is None else (key,))
