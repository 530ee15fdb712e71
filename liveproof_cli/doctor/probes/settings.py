"""Whether the functions take their settings, and whether these fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof.environment_names import PREFIX
from liveproof.settings import SettingsError
from liveproof.use_cases.run_check import require_fit
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok, warning
from liveproof_cli.doctor.probe import Probe

_DEPLOY = "change the setting and deploy: docs/settings.md."
_FUNCTIONS = {"Uploads": "verify_upload", "Deliveries": "deliver_result", "Erasures": "erase"}
"""Of the queues that are not a check's."""
_VISIBILITY_TIMES = 6
"""How many times a function's time a message of it stays hidden: AWS's advice for queues that feed
functions."""


def _examine(examination: Examination) -> Iterator[Finding]:
    findings = [*_refused(examination), *_different(examination), *_times(examination)]
    yield from findings
    yield from examination.unanswered() if not examination.self_tests else ()
    if not findings and examination.self_tests:
        yield ok("the functions take their settings, all the same ones, and the times fit")


def _refused(examination: Examination) -> Iterator[Finding]:
    refusals: dict[str, list[str]] = {}
    for name, result in examination.self_tests.items():
        if result.refused is not None:
            refusals.setdefault(result.refused, []).append(name)
    for text, names in refusals.items():
        yield failed(f"{', '.join(names)}: {text}", _DEPLOY)


def _different(examination: Examination) -> Iterator[Finding]:
    """Functions of one deployment have one environment."""
    values: dict[str, dict[str, str]] = {}
    for name, result in examination.self_tests.items():
        for setting, value in result.settings.items():
            values.setdefault(setting, {})[name] = value
    answered = set(examination.self_tests)
    for setting, by_function in sorted(values.items()):
        if len(set(by_function.values())) > 1 or set(by_function) != answered:
            yield failed(
                f"{setting} is not the same in every function",
                "a deployment stopped half-way, or somebody changed a function by hand: deploy"
                " again.",
            )


def _times(examination: Examination) -> Iterator[Finding]:
    result = examination.self_tests.get("run_check")
    if result is None or result.refused is not None:
        return
    try:
        settings = examination.settings()
        if settings is not None:
            require_fit(result.time_limit_seconds, settings.call_timeout_seconds)
    except SettingsError as refused:
        yield failed(str(refused), _DEPLOY)
    yield from _visibility(examination)


def _visibility(examination: Examination) -> Iterator[Finding]:
    queues = examination.deployment.queues
    for queue in queues.all if queues else ():
        function = {
            "Uploads": "verify_upload",
            "Deliveries": "deliver_result",
            "Erasures": "erase",
        }.get(queue.name, "run_check")
        result = examination.self_tests.get(function)
        if queues is None or result is None:
            continue
        seconds = queues.depth(queue.url).visibility_seconds
        if seconds < _VISIBILITY_TIMES * int(result.time_limit_seconds):
            yield warning(
                f"{queue.name}: a message is hidden for {seconds} s, and {function} has"
                f" {result.time_limit_seconds:.0f} s: a second worker may begin meanwhile",
                f"raise the visibility to {_VISIBILITY_TIMES} times the function's time.",
            )


PROBE = Probe("settings", f"Do the {PREFIX} settings fit each other?", _examine)
