"""What a billed call costs: the option `--prices`, and the data where it names nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import click
import msgspec

from liveproof.prices import documented_prices, paid_actions
from liveproof_cli.errors import CannotBeDone

F = TypeVar("F", bound=Callable[..., Any])

_Price = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]


def prices_option(function: F) -> F:
    """Gives a command the option `--prices`, as its parameter `prices`: a path or None."""
    option = click.option(
        "--prices",
        metavar="FILE",
        type=click.Path(path_type=Path),
        envvar="LIVEPROOF_PRICES_FILE",
        help='JSON with the price of a billed call by action: {"VideoLivenessCompare": 0.1}.'
        " Default: LIVEPROOF_PRICES_FILE in the environment.",
    )
    return option(function)


def read_prices(path: Path | None) -> Mapping[str, float]:
    """The prices of a file, and of the data for the actions that the file does not name.

    Raises:
        CannotBeDone: the file cannot be read, or is no mapping from actions to numbers.
    """
    if path is None:
        return documented_prices()
    try:
        named = msgspec.json.decode(path.read_bytes(), type=dict[str, _Price])
    except OSError as error:
        raise CannotBeDone(f"--prices {path}: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise CannotBeDone(f"--prices {path}: {error}") from None
    unknown = sorted(set(named) - set(paid_actions()))
    if unknown:
        raise CannotBeDone(
            f"--prices {path}: there is no action {unknown[0]}, only {', '.join(paid_actions())}"
        )
    return {**documented_prices(), **named}
