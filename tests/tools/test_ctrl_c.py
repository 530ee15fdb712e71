"""Ctrl-C ends what make started, at once and whole.

The limits below are generous, so that a busy machine keeps them: without an end on purpose a demo
goes on for a minute or more.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tools.demo.test_demo import good
from tools import ROOT
from tools.demo import demo, scenarios
from tools.demo.runner import Outcome
from tools.demo.scenarios import Scenario
from tools.demo.user_files import UserFiles
from tools.local.receiver import Receiver

_SOON_SECONDS = 20.0
_START_SECONDS = 180.0


@contextmanager
def made(target: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """`make TARGET` as a terminal starts it: in its own process group.

    What it says to people is shown if the test fails.
    """
    process = subprocess.Popen(
        ["make", "--no-print-directory", target],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def line_with(process: subprocess.Popen[str], text: str) -> str:
    """The first line of output that has a text. Fails if none comes."""
    watchdog = threading.Timer(_START_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    try:
        stream = process.stdout
        assert stream is not None
        for line in stream:
            if text in line:
                return line
    finally:
        watchdog.cancel()
    pytest.fail(f"no line with {text}")


def ends_whole(process: subprocess.Popen[str]) -> bool:
    """Whether Ctrl-C ends it soon, with everything that it started."""
    children = set(descendants(process.pid))
    assert len(children) > 0
    os.killpg(process.pid, signal.SIGINT)
    deadline = time.monotonic() + _SOON_SECONDS
    try:
        process.communicate(timeout=_SOON_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    while any(Path(f"/proc/{pid}/cwd").exists() for pid in children):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def descendants(parent: int) -> Iterator[int]:
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield int(child)
            yield from descendants(int(child))


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="looks at processes in /proc"
)


@needs_proc
def test_a_demo_ends_while_a_verification_waits_for_its_expiry() -> None:
    with made("demo", CLOUD="tencent") as process:
        line_with(process, "decided: passed")
        assert ends_whole(process)


@needs_proc
@pytest.mark.parametrize("target", ["emulator", "local"])
def test_a_target_that_stays_up_ends_with_ctrl_c(target: str) -> None:
    with made(target, CLOUD="tencent") as process:
        assert line_with(process, "{").startswith("{")
        assert ends_whole(process)


class Waiting:
    """A runner whose scenarios never end by themselves."""

    def __init__(self) -> None:
        self.began, self.stopped = threading.Event(), threading.Event()
        self.started: list[str] = []

    def fetch_sequence(self, scenario: Scenario) -> list[str]:
        return []

    def run(self, scenario: Scenario) -> Outcome:
        self.started.append(scenario.name)
        self.began.set()
        if not self.stopped.wait(_START_SECONDS):
            raise AssertionError("nobody stopped it")
        return good(scenario)

    def stop(self) -> None:
        self.stopped.set()


def test_a_signal_ends_the_demo_without_waiting_for_its_scenarios() -> None:
    runner = Waiting()

    def interrupt() -> None:
        runner.began.wait()
        os.kill(os.getpid(), signal.SIGINT)

    all_scenarios = scenarios.all_scenarios(random.Random(1), UserFiles())
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            demo.run_all(runner, all_scenarios)
    finally:
        thread.join()
        signal.signal(signal.SIGINT, before)
    assert runner.stopped.is_set()
    assert len(runner.started) < len(all_scenarios)  # those that had not begun never do


def test_a_webhook_is_not_waited_for_any_more_once_the_demo_stops() -> None:
    receiver = Receiver({})
    timer = threading.Timer(0.05, receiver.stop_waiting)
    timer.start()
    assert receiver.wait_for("ver_1", time.monotonic() + _START_SECONDS) is None
    timer.join()
    # Somebody who begins to wait later waits no longer, either.
    assert receiver.wait_for("ver_2", time.monotonic() + _START_SECONDS) is None
