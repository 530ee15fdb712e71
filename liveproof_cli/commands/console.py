"""`liveproof console`: the console of a deployment, on this machine only."""

from __future__ import annotations

import os
import webbrowser
from contextlib import ExitStack

import click
from yarl import URL

from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.stop_signals import stop_signals
from tools.console.server import serving
from tools.console.site import Site

_KEY_VARIABLE = "LIVEPROOF_API_KEY"
_LOOPBACK = ("127.0.0.1", "localhost")


@command
@click.option(
    "--api", required=True, metavar="URL", help="The API's address, such as the output HttpApiUrl."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=4080,
    show_default=True,
    help="Where it listens on 127.0.0.1; 0 takes a free port. The bucket's CORS rule names the"
    " origin, so a port that stays is of use.",
)
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
def run(api: str, port: int, opens: bool) -> None:
    """Serve a page about a deployment's verifications, until Ctrl-C.

    It lists verifications with their attempts and evidence, asks for new ones, sends webhooks again
    and erases. The API key comes from LIVEPROOF_API_KEY in the environment, or is asked for; it is
    that of one client, whose verifications alone the page shows. The browser never gets it.
    """
    site = Site(_address(api), {"client": _key()})
    with stop_signals() as wait, ExitStack() as opened:
        try:
            address = opened.enter_context(serving(site, port))
        except OSError as error:
            raise CannotBeDone(
                f"--port {port}: {error.strerror}; --port 0 takes a free one"
            ) from None
        if choices().as_json:
            output.print_json([{"console": address.page, "origin": address.url}])
        else:
            click.echo(f"console: {address.page}   (Ctrl-C stops)")
            click.echo(
                f"For uploads the bucket's CORS rule has to name {address.url}: corsOrigins on"
                " AWS, cors_origins on Tencent Cloud.",
                err=True,
            )
        if opens:
            webbrowser.open(address.page)
        wait()


def _address(api: str) -> str:
    try:
        url = URL(api)
    except ValueError as error:
        raise click.UsageError(f"--api: it is no address: {error}") from None
    is_safe = url.scheme == "https" or url.host in _LOOPBACK
    if url.scheme not in ("http", "https") or not url.host or not is_safe:
        raise click.UsageError("--api: it has to begin with https://, as the API key goes there")
    if url.user or url.password or url.raw_query_string or url.raw_fragment:
        raise click.UsageError("--api: it has to be without user, query and fragment")
    return str(url).rstrip("/")


def _key() -> str:
    key = os.environ.get(_KEY_VARIABLE) or str(click.prompt("API key", hide_input=True, err=True))
    if not key.isascii() or not key.isprintable() or " " in key:
        raise click.UsageError("The API key has to be ASCII characters without spaces")
    return key
