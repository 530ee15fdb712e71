"""`liveproof evidence get ID`: the manifest and the frames of a decision, as files."""

from __future__ import annotations

from pathlib import Path

import click

from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.evidence.fetching import fetch_evidence
from liveproof_cli.webhooks.arguments import read_secret


@command
@click.argument("verification_id", metavar="ID")
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the files. Default: a new folder with the ID as its name.",
)
@click.option(
    "--api-key",
    metavar="KEY|@FILE",
    envvar="LIVEPROOF_API_KEY",
    help="A key of the verification's client: the files are fetched through the API. Default:"
    " LIVEPROOF_API_KEY in the environment; a local deployment knows its own. Without a key the"
    " files are read from the bucket with your login; on Tencent Cloud that is the account's key in"
    " the environment.",
)
def run(verification_id: str, to: Path | None, api_key: str | None) -> None:
    """Fetch the signed manifest and the best frames of a decision. They are biometric data.

    `liveproof evidence verify FOLDER` checks them.
    """
    folder = to or Path(verification_id)
    with open_deployment() as deployment:
        key = None if api_key is None else read_secret("--api-key", api_key)
        evidence = fetch_evidence(deployment, verification_id, key)
    if not evidence.files:
        raise CannotBeDone(f"there is no evidence of {verification_id}: {evidence.missing}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in evidence.files.items():
            path = folder / name
            path.touch(mode=0o600)
            path.chmod(0o600)  # it may have been there
            path.write_bytes(content)
    except OSError as error:
        raise CannotBeDone(f"{folder}: {error.strerror}") from None
    if choices().as_json:
        output.print_json(
            {"file": str(folder / name), "size": len(content)}
            for name, content in evidence.files.items()
        )
        return
    for name, content in evidence.files.items():
        output.print_text(f"{folder / name}: {len(content)} bytes")
    if evidence.missing:
        output.print_text(f"not there: {evidence.missing}")
