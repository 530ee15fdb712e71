"""`liveproof evidence verify FILE`: is this manifest genuine, and are these its files?"""

from __future__ import annotations

from pathlib import Path

import click

from liveproof.evidence.objects import MANIFEST_NAME
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.evidence.trusted_keys import trusted_keys
from liveproof_cli.evidence.verification import verify


@command
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY|@FILE",
    help="A public key that you trust: whpk_…. May be given several times.",
)
@click.option(
    "--keys",
    "source",
    metavar="URL|FILE",
    help="A list of keys that you trust, as GET /.well-known/liveproof/webhook-keys.json gives it.",
)
def run(file: Path, keys: tuple[str, ...], source: str | None) -> None:
    """Check the signed manifest FILE, or the one in a folder, and the files that lie beside it.

    It needs the public key, and no deployment; with --key, or a list in a file, no network either.
    Frames are found by their names, uploads by their hashes. Exit status 0: everything that is
    there is genuine; 1: something is not.
    """
    trusted = trusted_keys(keys, source)
    manifest = file / MANIFEST_NAME if file.is_dir() else file
    try:
        findings = verify(manifest, trusted)
    except OSError as error:
        raise CannotBeDone(f"{manifest}: {error.strerror}") from None
    faults = [finding for finding in findings if finding.is_fault]
    if choices().as_json:
        output.print_json(
            {"check": finding.check, "code": finding.code, "detail": finding.detail}
            for finding in findings
        )
    else:
        output.print_table(
            ("check", "result", "detail"),
            [(finding.check, finding.code, finding.detail) for finding in findings],
        )
        output.print_text("")
        output.print_text("NOT GENUINE" if faults else "genuine")
    if faults:
        click.get_current_context().exit(1)
