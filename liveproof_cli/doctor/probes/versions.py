"""Whether code, command and tables are of one version."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof import __version__
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok, warning
from liveproof_cli.doctor.probe import Probe


def _examine(examination: Examination) -> Iterator[Finding]:
    amiss = list(examination.deployment.store())
    for text in amiss:
        yield failed(text, "see docs/operating.md: upgrades, and tables on Tencent Cloud.")
    versions: dict[str, list[str]] = {}
    for name, result in examination.self_tests.items():
        versions.setdefault(result.version, []).append(name)
    if len(versions) > 1:
        listed = "; ".join(f"{version}: {', '.join(names)}" for version, names in versions.items())
        yield failed(f"the functions are of several versions: {listed}", "deploy again.")
    elif versions and __version__ not in versions:
        (version,) = versions
        yield warning(
            f"the functions are of version {version}, this command is of {__version__}",
            "use the command of the deployed version.",
        )
    elif versions and not amiss:
        yield ok(f"the functions and this command are of version {__version__}; the tables fit")
    if not versions:
        yield from examination.unanswered()


PROBE = Probe("versions", "Are code, command and tables of one version?", _examine)
