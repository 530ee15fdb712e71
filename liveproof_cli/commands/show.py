"""`liveproof show ID`: one verification."""

from __future__ import annotations

import click
import msgspec

from liveproof.api.views import verification_view
from liveproof.clock import iso, now_ms
from liveproof.domain.audit import interventions
from liveproof.domain.verification import Input, Verification
from liveproof_cli import output
from liveproof_cli.auditing import print_audit
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.loading import load
from liveproof_cli.timeline import timeline


@command
@click.argument("verification_id", metavar="ID")
@click.option("--audit", is_flag=True, help="Show and check the audit chain instead.")
def run(verification_id: str, audit: bool) -> None:
    """Show one verification, with everything that happened to it.

    The times are UTC; beside each stands the time since the event before. With --json it is what
    `GET /v1/verifications/{id}` shows, with the client, the due time and the timeline.

    With --audit it is the audit chain: every transition and every act of an operator, with the hash
    that each entry must have. The exit status is 1 if the chain is broken.
    """
    with open_deployment() as deployment:
        verification = load(deployment.records, verification_id)
    if audit:
        print_audit(verification)
        return
    events = timeline(verification)
    if choices().as_json:
        shown = msgspec.to_builtins(verification_view(verification))
        shown["client"] = verification.client
        shown["due_at"] = None if verification.due_at is None else iso(verification.due_at)
        shown["interventions"] = msgspec.to_builtins(interventions(verification))
        shown["timeline"] = [
            {"at": iso(event.at), "what": event.what, "detail": event.detail} for event in events
        ]
        output.print_json([shown])
        return
    output.print_fields(_fields(verification, now_ms()))
    output.print_text("")
    output.print_table(
        ("input", "state", "bytes", "type", "MD5", "reason"),
        [_input_cells(name, file) for name, file in verification.inputs.items()],
    )
    output.print_text("")
    before = verification.created_at
    rows = []
    for event in events:
        rows.append((iso(event.at), f"+{output.duration(event.at - before)}", event.what,
                     event.detail))  # fmt: skip
        before = event.at
    output.print_table(("time (UTC)", "since", "what", "detail"), rows)


def _fields(verification: Verification, now: int) -> list[tuple[str, str | None]]:
    billed = [call.billable or "not settled" for call in verification.calls]
    waiting_for, due_at = verification.waiting_for, verification.due_at
    return [
        ("id", verification.id),
        ("state", verification.status.value),
        ("decision", _decision(verification)),
        ("check", verification.check),
        ("client", verification.client),
        ("reference", verification.reference),
        ("region", verification.region),
        ("threshold", f"{verification.threshold:g}"),
        ("calls billed", ", ".join(billed) or "no call"),
        ("waits for", None if waiting_for is None else waiting_for.value),
        ("next step", None if due_at is None else _next(due_at, now)),
        ("delivery", _delivery(verification)),
        ("evidence", _evidence(verification)),
        ("manifest", _manifest(verification)),
        ("signals", _signals(verification)),
        ("age", output.duration(now - verification.created_at)),
    ]


def _decision(verification: Verification) -> str | None:
    verdict = verification.verdict
    return None if verdict is None else f"{verdict.decision.value} ({verdict.reason.code})"


def _delivery(verification: Verification) -> str | None:
    delivery = verification.delivery
    if delivery is None:
        return None
    made = f"number {delivery.number}: {delivery.state.value}, attempts: {delivery.attempts}"
    return f"{made} (older attempts not kept: {delivery.dropped})" if delivery.dropped else made


def _evidence(verification: Verification) -> str | None:
    evidence = verification.evidence
    return None if evidence is None else evidence.missing or f"frames: {len(evidence.frames)}"


def _manifest(verification: Verification) -> str | None:
    manifest = verification.manifest
    if manifest is None:
        return None
    return manifest.missing or f"signed at {iso(manifest.signed_at)} with the key {manifest.key_id}"


def _signals(verification: Verification) -> str | None:
    signals = sorted(verification.signals.items())
    return ", ".join(f"{code} {count}" for code, count in signals) or None


def _next(due_at: int, now: int) -> str:
    if due_at > now:
        return f"{iso(due_at)}, in {output.duration(due_at - now)}"
    return f"{iso(due_at)}, overdue for {output.duration(now - due_at)}"


def _input_cells(name: str, file: Input) -> list[str]:
    return [name, file.state.value, str(file.size), file.content_type, file.md5, file.reason or ""]
