"""How a command ends that could not be done. A misused one raises click.UsageError."""

from __future__ import annotations

from collections.abc import Callable

ExplainError = Callable[[Exception], "str | None"]
"""What an error means to an operator and what to do next; None for an error of another kind."""


class CannotBeDone(Exception):
    """A command could not be done: exit status 1. The text says why and what to do next."""


def one_line(error: object) -> str:
    """The text of an error on one line."""
    return " ".join(str(error).split())
