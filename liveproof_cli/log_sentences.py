"""What the deployment's own code logs while a command uses it: standard output is the command's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import click

from liveproof.observability import Event, logger
from liveproof_cli.output import printable


class _Sentences(logging.Handler):
    """Prints a failure as a sentence on standard error. What is no failure is no news here."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        """One line of a log, with the fields that `record_failure` gives it."""
        meaning = Event[record.getMessage()].value.removesuffix(".")
        fields = vars(record)
        why = fields.get("detail") or fields.get("verification") or fields.get("error")
        click.echo(printable(f"{meaning}: {why}"), err=True)


@contextmanager
def log_sentences() -> Iterator[None]:
    """Within the block, failures are sentences on standard error, and nothing else is logged."""
    before = list(logger.handlers)
    logger.handlers[:] = [_Sentences()]
    try:
        yield
    finally:
        logger.handlers[:] = before
