"""`liveproof secrets check FILE`: would the functions take this document?"""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from liveproof.secret_documents import ApiKeys, SecretDocument, Webhooks
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.secret_files import KINDS, detect_kind, read_as, read_bytes


@command
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    help="Which of the secrets it is for. Default: what its fields say, or the file's name.",
)
def run(file: Path, kind: str | None) -> None:
    """Read a secret's document as the functions read it, before you put it.

    FILE is the document; - is standard input. A mistake is named by client and field, and no value
    is shown. Exit status 0: the functions take it; 1: they would refuse it. This needs no
    deployment, and the document goes nowhere.
    """
    content = read_bytes(file)
    chosen = kind or detect_kind(file, content)
    if chosen is None:
        raise click.UsageError(f"{file}: say which document it is: --kind {'|'.join(KINDS)}")
    try:
        document = read_as(content, KINDS[chosen], f"{file} ({chosen})")
    except CannotBeDone as refused:
        if choices().as_json:
            output.print_json([{"file": str(file), "kind": chosen, "refused": str(refused)}])
        raise
    if choices().as_json:
        output.print_json([{"file": str(file), "kind": chosen, "refused": None}])
    else:
        output.print_text(f"{file}: fine as {chosen}; {_summary(document)}")


def _summary(document: SecretDocument) -> str:
    if isinstance(document, ApiKeys):
        return f"clients: {', '.join(document.clients) or 'none'}"
    if isinstance(document, Webhooks):
        text = f"endpoints of: {', '.join(document.endpoints) or 'nobody'}"
        bare = [name for name, endpoint in document.endpoints.items() if not endpoint.secrets]
        return (
            f"{text}; without a secret, so a key in KMS must sign: {', '.join(bare)}"
            if bare
            else text
        )
    return f"fields: {', '.join(field.name for field in msgspec.structs.fields(type(document)))}"
