"""From the option --deployment to the deployment that it names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import click

from liveproof.settings import SettingsError
from liveproof_cli.command import choices
from liveproof_cli.deployments import aws, files
from liveproof_cli.deployments.deployment import Deployment, Opened
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.log_sentences import log_sentences


@contextmanager
def open_deployment() -> Iterator[Deployment]:
    """The deployment that --deployment names, until the block ends.

    Raises:
        click.UsageError: nobody named one.
        CannotBeDone: it cannot be used from here, at the first use or from the start. The text says
            why, and what to do next.
    """
    deployment, explain = named()
    try:
        with deployment as connected:
            yield connected
    except (CannotBeDone, click.ClickException, click.Abort, click.exceptions.Exit):
        raise
    except SettingsError as error:
        raise CannotBeDone(str(error)) from None
    except Exception as error:
        explained = explain(error)
        if explained is None:
            raise
        raise CannotBeDone(explained) from None


def named() -> Opened:
    """The deployment that --deployment names, not connected yet.

    Raises:
        click.UsageError: nobody named one.
        CannotBeDone: the file cannot be read, or describes none.
    """
    name, login = choices().deployment, choices().login
    if not name:
        raise click.UsageError(
            "Name the deployment: --deployment D, or LIVEPROOF_DEPLOYMENT in the environment."
            " D is the file that `make local` prints as `deployment`, aws:STAGE, or a file with"
            " Terraform's outputs."
        )
    deployment, explain = (
        aws.of_stack(name) if name.startswith("aws:") else files.of_file(Path(name), login)
    )
    return _logging_sentences(deployment), explain


@contextmanager
def _logging_sentences(deployment: AbstractContextManager[Deployment]) -> Iterator[Deployment]:
    with log_sentences(), deployment as connected:
        yield connected
