"""`liveproof webhook test CLIENT`: does a client's endpoint take webhooks?"""

from __future__ import annotations

import click

from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.webhooks.arguments import read_secret
from liveproof_cli.webhooks.trial import Trial, ask_for_test


@command
@click.argument("client", metavar="CLIENT")
@click.option(
    "--api-key",
    metavar="KEY|@FILE",
    envvar="LIVEPROOF_API_KEY",
    help="A key of the client. Default: LIVEPROOF_API_KEY in the environment; a local deployment"
    " knows its own.",
)
def run(client: str, api_key: str | None) -> None:
    """Send a signed `webhook.test` to the endpoint of CLIENT, and say how it was taken.

    The deployment sends it by POST /v1/webhooks/test, as it sends real webhooks. Exit status 0: the
    endpoint accepted it; 1: it did not.
    """
    with open_deployment() as deployment:
        trial = _trial(deployment, client, api_key)
    if choices().as_json:
        output.print_json([trial.document])
    else:
        _print(trial)
    if not trial.accepted:
        click.get_current_context().exit(1)


def _trial(deployment: Deployment, client: str, api_key: str | None) -> Trial:
    key = deployment.api_keys.get(client)
    if api_key is not None:
        key = read_secret("--api-key", api_key)
    if deployment.api is None:
        raise CannotBeDone("The deployment's outputs do not say where its API is")
    if key is None:
        raise CannotBeDone(
            f"A key of {client} is needed, for the API asks who wants a test: --api-key @FILE, or"
            " LIVEPROOF_API_KEY in the environment"
        )
    trial = ask_for_test(deployment.api, key)
    if trial.client != client:
        raise CannotBeDone(f"The key is one of {trial.client}, and not of {client}")
    return trial


def _print(trial: Trial) -> None:
    output.print_text(f"{trial.client}: {'accepted' if trial.accepted else 'NOT ACCEPTED'}")
    for label, name in (
        ("what happened", "explanation"),
        ("it answered", "answer"),
        ("what to do", "advice"),
    ):
        text = trial.document.get(name)
        if text:
            output.print_text(f"  {label}: {text}")
