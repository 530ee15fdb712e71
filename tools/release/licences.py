"""The licences of what is deployed: which are allowed, and the list for a release."""

from __future__ import annotations

from collections.abc import Iterable

from license_expression import get_spdx_licensing

from tools.release.distributions import Distribution

ALLOWED = frozenset(
    {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"}
)
"""SPDX identifiers. All may be passed on beside Apache-2.0; MPL-2.0 asks for the files' source."""


class NotAllowed(Exception):
    """A package has a licence that is not in `ALLOWED`."""


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression can be met by allowed licences: of `OR` one is enough."""
    licensing = get_spdx_licensing()
    parsed = licensing.parse(expression, validate=True)
    met = {symbol: licensing.TRUE for symbol in parsed.symbols if symbol.key in ALLOWED}
    others = {symbol: licensing.FALSE for symbol in parsed.symbols if symbol.key not in ALLOWED}
    return bool(parsed.subs({**met, **others}, simplify=True) == licensing.TRUE)


def page(by_cloud: dict[str, Iterable[Distribution]]) -> str:
    """The list of a release, as Markdown.

    Raises:
        NotAllowed: with every package whose licence is not allowed.
    """
    lines = ["# Licences of what is deployed", "", "liveproof itself: Apache-2.0.", ""]
    lines += ["| package | version | licence | cloud |", "|---|---|---|---|"]
    clouds: dict[Distribution, list[str]] = {}
    for cloud, distributions in by_cloud.items():
        for distribution in distributions:
            clouds.setdefault(distribution, []).append(cloud)
    refused = [distribution for distribution in clouds if not is_allowed(distribution.licence)]
    if refused:
        named = ", ".join(
            f"{distribution.name} ({distribution.licence})" for distribution in sorted(refused)
        )
        raise NotAllowed(f"licences that are not allowed: {named}")
    lines += [
        f"| {package.name} | {package.version} | {package.licence} | {', '.join(clouds[package])} |"
        for package in sorted(clouds)
    ]
    lines += ["", "The texts are in the packages, in the folders that end in `.dist-info`."]
    return "\n".join(lines) + "\n"
