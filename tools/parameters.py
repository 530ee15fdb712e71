"""Names that are not known are told before all else: of `--param NAME=VALUE`, or in a file."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping

from tools.processes import Misused


def pairs(given: Iterable[str]) -> dict[str, str]:
    """The parameters as given on the command line. Raises Misused."""
    found: dict[str, str] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not name or not sign:
            raise Misused(f"--param {each}: it has to be --param NAME=VALUE")
        if name in found:
            raise Misused(f"--param {name} is given twice")
        found[name] = value
    return found


def require_known(parameters: Mapping[str, str], known: Collection[str], whose: str) -> None:
    """Raises Misused for names that are not known, each with the one that may be meant.

    Args:
        parameters: by name.
        known: every name.
        whose: who has them, for the message.
    """
    told = [
        f"{whose} has no {name}{suggestion(name, known)}"
        for name in sorted(parameters.keys() - set(known))
    ]
    if told:
        raise Misused("\n".join(told))


def suggestion(name: str, known: Collection[str]) -> str:
    """What to say after an unknown name: the known one that may be meant, nothing without one."""
    # vendor_region and vendorRegion are the same name on two clouds.
    plain = {each.lower().replace("_", ""): each for each in sorted(known)}
    found = difflib.get_close_matches(name.lower().replace("_", ""), plain, 1, 0.7)
    return f": is it {plain[found[0]]}?" if found else ""
