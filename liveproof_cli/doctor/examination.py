"""The deployment under examination, and what its functions say of themselves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from secrets import token_hex
from typing import Any, NamedTuple

import msgspec

from liveproof.clock import now_ms
from liveproof.clouds.aws.settings import AwsSettings
from liveproof.clouds.tencent.settings import TencentSettings
from liveproof.environment import load
from liveproof.environment_names import PREFIX
from liveproof.runtime import SELF_TEST
from liveproof.self_test.run import SelfTest
from liveproof.self_test.trials import Trial
from liveproof.settings import Settings
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.deployments.functions import FunctionFailed
from liveproof_cli.doctor.findings import Finding, could_not_ask, failed
from liveproof_cli.errors import ExplainError, one_line

_STEP_SECONDS = 0.2
_KINDS: dict[str, type[Settings]] = {"aws": AwsSettings, "tencent": TencentSettings}


class SelfTestUnknown(Exception):
    """A function answers, and not as one of this version."""


@dataclass(frozen=True)
class Answer:
    """A function's self-test, or what came instead.

    Attributes:
        asked_at, answered_at: by the clock of this machine (ms).
    """

    result: SelfTest | None
    error: Exception | None
    asked_at: int
    answered_at: int


class _RawAnswer(NamedTuple):
    """What a function answered, not read yet, or the error that came instead."""

    value: Any
    error: Exception | None
    asked_at: int
    answered_at: int


def _answer(name: str, raw: _RawAnswer) -> Answer:
    if raw.error is not None:
        return Answer(None, raw.error, raw.asked_at, raw.answered_at)
    try:
        result = msgspec.convert(raw.value, SelfTest)
    except msgspec.ValidationError:
        unknown = SelfTestUnknown(f"{name} does not know a self-test: its code is older")
        return Answer(None, unknown, raw.asked_at, raw.answered_at)
    return Answer(result, None, raw.asked_at, raw.answered_at)


@dataclass
class Examination:
    """What the probes share.

    Attributes:
        explain: what an error of the deployment's cloud means.
        pause: waits for so many seconds.
        distant_region: the operator allows a vendor in another place than the cloud's.
        wait_seconds: how long the event of the probe's upload may take.
    """

    deployment: Deployment
    explain: ExplainError
    pause: Callable[[float], None] = time.sleep
    distant_region: bool = False
    wait_seconds: float = 20.0
    token: str = field(default_factory=lambda: token_hex(16))

    @cached_property
    def answers(self) -> dict[str, Answer]:
        """Every function's self-test, all at the same time. An upload of a probe is made."""
        raw: dict[str, _RawAnswer] = {}

        def ask(name: str) -> None:
            raw[name] = self._ask(name)

        # Daemons, so that Ctrl-C waits for none.
        names = self.deployment.functions.names or ("functions",)
        threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in names]
        for thread in threads:
            thread.start()
        # In steps: a wait without an end could miss a Ctrl-C that arrives as it begins.
        for thread in threads:
            while thread.is_alive():
                thread.join(_STEP_SECONDS)
        # Here and not in the threads: msgspec prepares a type at its first use, and several threads
        # at once crash it.
        return {name: _answer(name, raw[name]) for name in names}

    def _ask(self, name: str) -> _RawAnswer:
        asked_at = now_ms()
        try:
            value = self.deployment.functions.invoke(name, {SELF_TEST: self.token})
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            return _RawAnswer(None, error, asked_at, now_ms())
        return _RawAnswer(value, None, asked_at, now_ms())

    @property
    def self_tests(self) -> dict[str, SelfTest]:
        """Of the functions that answered."""
        return {name: answer.result for name, answer in self.answers.items() if answer.result}

    def trials(self, *names: str) -> Iterator[tuple[str, Trial]]:
        """The functions' trials of these names, each with its function."""
        for function, result in self.self_tests.items():
            for trial in result.trials:
                if trial.name in names:
                    yield function, trial

    def unanswered(self, *functions: str) -> Iterator[Finding]:
        """Why the self-tests of these functions, or of any, did not come; each reason once."""
        reasons = dict.fromkeys(self._unanswered(functions))
        yield from reasons

    def _unanswered(self, functions: tuple[str, ...]) -> Iterator[Finding]:
        for name, answer in self.answers.items():
            if functions and name not in (*functions, "functions"):
                continue
            if isinstance(answer.error, FunctionFailed):
                yield failed(one_line(answer.error), "read the function's log: docs/logs.md.")
            elif answer.error is not None:
                yield could_not_ask(self.text(answer.error), "see the probe `functions`.")
            elif answer.result is not None and answer.result.refused is not None:
                yield could_not_ask(
                    f"{name} refuses its settings", "see the probe `settings` first."
                )

    def settings(self) -> Settings | None:
        """The settings of the functions, as they read them; None if no function answered.

        Raises:
            SettingsError: they refuse them.
        """
        for result in self.self_tests.values():
            kind, region = _KINDS[self.deployment.cloud], result.settings.get(f"{PREFIX}REGION")
            return load(kind, result.settings, region)
        return None

    def text(self, error: Exception) -> str:
        """What an error means, on one line."""
        explained = self.explain(error)
        if explained is not None:
            return one_line(explained)
        kind = type(error)
        own = kind.__module__.startswith("liveproof")
        return one_line(error) if own else f"{kind.__name__}: {one_line(error)}"
