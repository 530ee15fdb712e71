"""The exit status of every command of tools and bench."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest

from tools.command import exit_status
from tools.packaging.node import NodeError
from tools.processes import Stop, ToolError, UsageError


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The signal handlers that a command installs are gone after the test."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def fail(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


@pytest.mark.parametrize("status", [0, 1, 3])
def test_a_commands_own_status_is_kept(status: int) -> None:
    assert exit_status(lambda: status) == status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ToolError("it failed"), 1),
        (NodeError("it failed"), 1),
        (OSError("it failed"), 1),
        (UsageError("it failed"), 2),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_is_a_line_on_standard_error_and_a_status(
    error: Exception, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_status(fail(error)) == status
    assert capsys.readouterr().err == "it failed\n"


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt(), 130), (Stop("SIGTERM"), 143)])
def test_after_a_signal_the_status_is_the_shells(error: BaseException, status: int) -> None:
    assert exit_status(fail(error)) == status


def test_an_error_of_our_own_code_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        exit_status(fail(ZeroDivisionError()))
