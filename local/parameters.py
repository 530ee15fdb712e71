"""`--param NAME=VALUE` of the local clouds: a name that is unknown is told before all else."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping

from local.processes import Misused


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
    told = []
    for name in sorted(parameters.keys() - set(known)):
        nearest = _nearest(name, known)
        told.append(f"{whose} has no {name}" + (f": is it {nearest}?" if nearest else ""))
    if told:
        raise Misused("\n".join(told))


def _nearest(name: str, known: Collection[str]) -> str | None:
    # vendor_region and vendorRegion are the same name on two clouds.
    plain = {each.lower().replace("_", ""): each for each in sorted(known)}
    found = difflib.get_close_matches(name.lower().replace("_", ""), plain, 1, 0.7)
    return plain[found[0]] if found else None
