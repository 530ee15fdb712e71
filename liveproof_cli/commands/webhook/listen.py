"""`liveproof webhook listen`: a receiver on this machine that shows what arrives."""

from __future__ import annotations

from contextlib import ExitStack

import click

from liveproof.outbound.urls import Target
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.stop_signals import stop_signals
from liveproof_cli.webhooks.arguments import read_secret, require_keys
from liveproof_cli.webhooks.lines import describe
from tools.webhooks.forwarding import require_target
from tools.webhooks.receiver import Received, Receiver, serving


@command
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="SECRET|@FILE",
    help="The endpoint's whsec_ or whpk_. May be given several times. Without one nothing is"
    " verified.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=4000,
    show_default=True,
    help="Where it listens on 127.0.0.1; 0 takes a free port.",
)
@click.option(
    "--forward-to",
    metavar="URL",
    help="Hand every webhook on to this receiver, bytes and headers unchanged, and answer what it"
    " answers.",
)
@click.option(
    "--fail",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Answer the first N webhooks with a failure, and hand none of them on.",
)
@click.option(
    "--fail-with",
    type=click.IntRange(400, 599),
    default=503,
    show_default=True,
    metavar="STATUS",
    help="This failure.",
)
@click.option("--show-body", is_flag=True, help="Print headers and body of each webhook as well.")
def run(
    secrets: tuple[str, ...],
    port: int,
    forward_to: str | None,
    fail: int,
    fail_with: int,
    show_body: bool,
) -> None:
    """Receive webhooks on this machine until Ctrl-C, and show a line for each.

    The line has the webhook's id, its type, whether the signature is valid and if not why, the
    answer, and the milliseconds that it took. A GET shows the last webhooks with their bodies, and
    a GET of /ID one of them. This needs no deployment.
    """
    keys = [read_secret("--secret", secret) for secret in secrets]
    require_keys(keys)
    as_json = choices().as_json  # webhooks are shown from other threads, which have no context
    receiver = Receiver(
        keys,
        target=_target(forward_to),
        failures=fail,
        failure_status=fail_with,
        show=lambda received: _show(received, as_json=as_json, with_body=show_body),
    )
    with stop_signals() as wait, ExitStack() as opened:
        try:
            url = opened.enter_context(serving(receiver, port))
        except OSError as error:
            raise CannotBeDone(f"--port {port}: {error.strerror}") from None
        _announce(url, forward_to, verifies=bool(secrets))
        wait()


def _target(url: str | None) -> Target | None:
    if url is None:
        return None
    try:
        return require_target(url)
    except ValueError as error:
        raise click.UsageError(f"--forward-to: {error}") from None


def _announce(url: str, forward_to: str | None, *, verifies: bool) -> None:
    if choices().as_json:
        output.print_json([{"listening": url}])
        return
    onward = "" if forward_to is None else ", and hands on"
    click.echo(f"listening on {url}{onward}. A GET shows what came; Ctrl-C stops.")
    if not verifies:
        click.echo("without --secret nothing is verified", err=True)


def _show(received: Received, *, as_json: bool, with_body: bool) -> None:
    if as_json:
        output.print_json([received.document(with_body=with_body)])
        return
    for line in describe(received, with_body=with_body):
        click.echo(line)
