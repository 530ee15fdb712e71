"""Parameters by name: `--param NAME=VALUE`, and suggestions for unknown names."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping

from tools.processes import UsageError


def pairs(arguments: Iterable[str]) -> dict[str, str]:
    """The values of `--param NAME=VALUE` by name. Raises UsageError."""
    values: dict[str, str] = {}
    for argument in arguments:
        name, sign, value = argument.partition("=")
        if not name or not sign:
            raise UsageError(f"--param {argument}: it has to be --param NAME=VALUE")
        if name in values:
            raise UsageError(f"--param {name} is given twice")
        values[name] = value
    return values


def require_known(parameters: Mapping[str, str], names: Collection[str], owner: str) -> None:
    """Raises UsageError for unknown parameters, each with a suggestion.

    Args:
        parameters: by name.
        names: every name that exists.
        owner: has the names; for the message.
    """
    lines = [
        f"{owner} has no {name}{suggestion(name, names)}"
        for name in sorted(parameters.keys() - set(names))
    ]
    if lines:
        raise UsageError("\n".join(lines))


def suggestion(unknown: str, names: Collection[str]) -> str:
    """The end of a message about an unknown name: the most similar name, or nothing."""
    # vendor_region and vendorRegion are the same name on two clouds.
    plain = {name.lower().replace("_", ""): name for name in sorted(names)}
    similar = difflib.get_close_matches(unknown.lower().replace("_", ""), plain, 1, 0.7)
    return f": is it {plain[similar[0]]}?" if similar else ""
