"""`liveproof webhook verify`: is this webhook's signature valid, and if not, why?"""

from __future__ import annotations

import time
from typing import Any

import click

from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.webhooks.arguments import read_content, read_headers, read_secret, read_time
from tools.webhooks.causes import CAUSES
from tools.webhooks.diagnosis import TOLERANCE_SECONDS, Diagnosis, diagnose


@command
@click.option(
    "--secret",
    "secrets",
    required=True,
    multiple=True,
    metavar="SECRET|@FILE",
    help="The endpoint's whsec_ or whpk_. May be given several times.",
)
@click.option(
    "--headers",
    required=True,
    metavar="FILE|TEXT|-",
    help="Lines `Name: value`, or a JSON object; - is standard input.",
)
@click.option(
    "--body",
    required=True,
    metavar="FILE|TEXT|-",
    help="The exact bytes that arrived; - is standard input.",
)
@click.option(
    "--received-at",
    metavar="TIME",
    callback=read_time,
    help="When it arrived, such as 2026-11-26T12:00:00Z, or seconds since 1970. Default: now.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=TOLERANCE_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="How far the webhook's timestamp may be from then.",
)
def run(
    secrets: tuple[str, ...],
    headers: str,
    body: str,
    received_at: float | None,
    tolerance: float,
) -> None:
    """Say whether a webhook's signature is valid, and if not, why.

    The usual causes are tried one by one: another secret, a secret used as text, a body that was
    parsed and written again, a newline at its end, a wrong clock, a wrong id, and more. Exit status
    0: it is valid; 1: it is not. This needs no deployment.
    """
    now = time.time() if received_at is None else received_at
    diagnosis = diagnose(
        read_headers("--headers", headers),
        read_content("--body", body),
        [read_secret("--secret", secret) for secret in secrets],
        now,
        tolerance,
    )
    if choices().as_json:
        output.print_json([_document(diagnosis)])
    else:
        for line in _lines(diagnosis):
            output.print_text(line)
    if not diagnosis.valid:
        click.get_current_context().exit(1)


def _document(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "valid": diagnosis.valid,
        "versions": list(diagnosis.versions),
        "causes": [finding.document() for finding in diagnosis.findings],
        "tried": [{"code": trial.code, "fits": trial.fits} for trial in diagnosis.trials],
    }


def _lines(diagnosis: Diagnosis) -> list[str]:
    if diagnosis.valid:
        return [f"valid: the {' and '.join(diagnosis.versions)} signature matches"]
    text = ["not valid"]
    for trial in diagnosis.trials:
        text.append(f"  tried: {CAUSES[trial.code].title}: {'yes' if trial.fits else 'no'}")
    for finding in diagnosis.findings:
        text += [f"why: {finding.meaning}", f"what to do: {finding.advice}"]
    return text
