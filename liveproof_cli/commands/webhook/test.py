"""`liveproof webhook test CLIENT`: does a client's endpoint take webhooks?"""

from __future__ import annotations

import click

from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.deployments.opening import open_deployment
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.webhooks.arguments import read_secret
from liveproof_cli.webhooks.trial import Trial, ask_deployment_for_test, ask_for_test


@command
@click.argument("client", metavar="CLIENT")
@click.option(
    "--api-key",
    metavar="KEY|@FILE",
    envvar="LIVEPROOF_API_KEY",
    help="Ask as the client does, with its key, by the API. Default: LIVEPROOF_API_KEY in the"
    " environment; without it the deployment's function is asked, which needs no key.",
)
def run(client: str, api_key: str | None) -> None:
    """Send a signed `webhook.test` to the endpoint of CLIENT, and say how it was taken.

    The deployment sends it, as it sends real webhooks. You need the cloud's permission to invoke
    the function `webhooks`: lambda:InvokeFunction, or scf:InvokeFunction. Exit status 0: the
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
    if api_key is None:
        return ask_deployment_for_test(deployment, client)
    if deployment.api is None:
        raise CannotBeDone("The deployment's outputs do not say where its API is")
    trial = ask_for_test(deployment.api, read_secret("--api-key", api_key))
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
