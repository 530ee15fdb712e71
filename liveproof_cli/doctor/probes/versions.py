"""Whether code, data, command and tables are of one version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sized

from liveproof import __version__
from liveproof.self_test.code import code_digests
from liveproof.self_test.run import SelfTest
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok, warning
from liveproof_cli.doctor.probe import Probe

Groups = Mapping[str, list[str]]
"""The functions by something that they say."""

_DEPLOY = "deploy again: a deployment stopped half-way, or somebody changed a function by hand."
_OTHER_COMMAND = "use the command of the deployed version."


def _examine(examination: Examination) -> Iterator[Finding]:
    amiss = list(examination.deployment.store())
    for text in amiss:
        yield failed(text, "see docs/operating.md: upgrades, and tables on Tencent Cloud.")
    results = examination.self_tests
    if not results:
        yield from examination.unanswered()
        return
    finding = _of_versions(results) or _of_code(results)
    if finding is not None:
        yield finding
    elif not amiss:
        tables = {
            name: date for result in results.values() for name, date in result.code_tables.items()
        }
        dates = ", ".join(f"{name} of {date}" for name, date in sorted(tables.items()))
        yield ok(
            f"the functions and this command are of version {__version__}, with the same code; the"
            f" code tables are {dates}; the tables fit"
        )


def _of_versions(results: Mapping[str, SelfTest]) -> Finding | None:
    versions = _groups((result.version, name) for name, result in results.items())
    if len(versions) > 1:
        return failed(
            f"the functions are of several versions: {_listed(versions)}", "deploy again."
        )
    (version,) = versions
    if version != __version__:
        says = f"the functions are of version {version}, this command is of {__version__}"
        return warning(says, _OTHER_COMMAND)
    return None


def _of_code(results: Mapping[str, SelfTest]) -> Finding | None:
    """The same number does not say that the code is the same."""
    silent = [name for name, result in results.items() if not result.code]
    if silent:
        return failed(
            f"{', '.join(silent)}: the code is older than this command, although the version has"
            " the same number",
            "deploy this version.",
        )
    for product in sorted(
        {product for result in results.values() for product in result.code_tables}
    ):
        dates = _groups(
            (result.code_tables[product], name)
            for name, result in results.items()
            if product in result.code_tables
        )
        if len(dates) > 1:
            says = f"the functions have several code tables of {product}: {_listed(dates)}"
            return failed(says, _DEPLOY)
    files = {path for result in results.values() for path in result.code}
    by_digest = {
        path: _groups(
            (result.code[path], name) for name, result in results.items() if path in result.code
        )
        for path in sorted(files)
    }
    several = {path: groups for path, groups in by_digest.items() if len(groups) > 1}
    if several:
        path, groups = next(iter(several.items()))
        return failed(
            f"the functions have the version {__version__} and not the same code: {path}"
            f"{_more(several)} differs: {_listed(groups)}",
            _DEPLOY,
        )
    own = code_digests()
    others = [path for path, groups in by_digest.items() if own.get(path) not in groups]
    if others:
        return warning(
            f"the functions and this command have the version {__version__} and not the same code:"
            f" {others[0]}{_more(others)} differs",
            _OTHER_COMMAND,
        )
    return None


def _groups(said: Iterable[tuple[str, str]]) -> Groups:
    groups: dict[str, list[str]] = {}
    for what, name in said:
        groups.setdefault(what, []).append(name)
    return groups


def _listed(groups: Groups) -> str:
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in groups.items())


def _more(paths: Sized) -> str:
    return f" (one of {len(paths)} files)" if len(paths) > 1 else ""


PROBE = Probe("versions", "Are code, data, command and tables of one version?", _examine)
