"""`liveproof webhook keys [CLIENT]`: what signs a client's webhooks now, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from liveproof.clock import iso, now_ms
from liveproof.secret_documents import EndpointKey, Webhooks
from liveproof.webhooks.keys import PrivateKey, key_id, public_key_text
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.secret_files import read_as, read_bytes


class _Row(NamedTuple):
    """A secret of a client's endpoint; its place in the list counts from 0."""

    client: str
    place: int
    key: EndpointKey

    def document(self, now: int) -> dict[str, Any]:
        """What is shown of it: never the secret."""
        key, not_after = self.key
        public_key = key.public_key() if isinstance(key, PrivateKey) else None
        return {
            "client": self.client,
            "secret": self.place,
            "version": key.version,
            "signs": self.key.signs_at(now),
            "not_after": None if not_after is None else iso(not_after),
            "id": None if public_key is None else key_id(public_key),
            "public_key": None if public_key is None else public_key_text(public_key),
        }


@command
@click.argument("client", required=False)
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="The document of the secret `webhooks`, instead of a deployment's; - is standard input.",
)
def run(client: str | None, file: Path | None) -> None:
    """Show what signs webhooks now, and until when; no secret is shown.

    Of CLIENT, or of every client. `secret` is the place in the list of the document, from 0. A key
    in KMS is none of the document: `GET /.well-known/liveproof/webhook-keys.json` lists it. Exit
    status 1: a client's webhooks cannot be signed, because the time of all of its secrets is over.
    """
    webhooks = _document(file)
    if client is not None and client not in webhooks.endpoints:
        raise CannotBeDone(f"The secret has no endpoint for {client}.")
    now = now_ms()
    rows = list(_rows(webhooks, client))
    if choices().as_json:
        output.print_json(row.document(now) for row in rows)
    else:
        _print(rows, now)
    signing = {row.client for row in rows if row.key.signs_at(now)}
    silent = sorted({row.client for row in rows} - signing)
    if silent:
        raise CannotBeDone(f"No secret signs any more: {', '.join(silent)}. Put a new one.")


def _document(file: Path | None) -> Webhooks:
    if file is not None:
        return read_as(read_bytes(file), Webhooks, str(file))
    with open_deployment() as deployment:
        return read_as(deployment.secret("webhooks"), Webhooks, "the secret webhooks")


def _rows(webhooks: Webhooks, client: str | None) -> Iterator[_Row]:
    for name, endpoint in webhooks.endpoints.items():
        if client in (None, name):
            for place, key in enumerate(endpoint.signing_keys()):
                yield _Row(name, place, key)


def _print(rows: list[_Row], now: int) -> None:
    cells = []
    for row in rows:
        shown, not_after = row.document(now), row.key.not_after
        until = "no end" if not_after is None else _until(not_after, now)
        cells.append(
            (row.client, str(row.place), row.key.key.version, until, shown["public_key"] or "")
        )
    output.print_table(("client", "secret", "version", "signs until (UTC)", "public key"), cells)


def _until(not_after: int, now: int) -> str:
    if now > not_after:
        return f"over since {iso(not_after)}"
    return f"{iso(not_after)}, for another {output.duration(not_after - now)}"
