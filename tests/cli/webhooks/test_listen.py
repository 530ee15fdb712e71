"""`liveproof webhook listen` as a program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from liveproof_cli.program import main
from tests.cli.webhooks.test_receiver import fresh
from tests.support.servers import serving
from tests.support.signing import BODY, ID, SECRET
from tests.support.upstream import post
from tools import ROOT

_SOON_SECONDS = 20.0


@contextmanager
def listening(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command with `--json`, and its URL."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "liveproof_cli",
            "webhook",
            "listen",
            "--port",
            "0",
            "--json",
            *arguments,
        ],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'layers'}:{ROOT}"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())["listening"]
    finally:
        process.kill()
        process.communicate()


def test_each_webhook_is_a_line_of_json() -> None:
    with listening("--secret", SECRET, "--fail", "1", "--show-body") as (process, url):
        assert [post(url, fresh(), BODY)[0] for _ in range(2)] == [503, 204]
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=_SOON_SECONDS)
        assert process.returncode == 0
    first, second = (json.loads(line) for line in out.splitlines())
    assert (first["id"], first["status"], first["failed_on_purpose"]) == (ID, 503, True)
    assert (second["verified"], second["status"], second["type"]) == (
        True, 204, "verification.passed",
    )  # fmt: skip
    assert second["milliseconds"] >= 0
    assert second["headers"]["webhook-id"] == ID


@contextmanager
def sending(url: str) -> Iterator[None]:
    """A webhook in flight, from another process."""
    code = f"from tests.support.upstream import post; post({url!r}, {{}}, b'')"
    sender = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'layers'}:{ROOT}"},
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        sender.kill()
        sender.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_though_the_receiver_it_forwards_to_hangs(
    number: signal.Signals,
) -> None:
    def hang(connection: object) -> None:
        server.ended.wait(60)

    with serving(hang) as server:
        onward = f"http://127.0.0.1:{server.port}/"
        with listening("--forward-to", onward) as (process, url), sending(url):
            deadline = time.monotonic() + _SOON_SECONDS
            while not server.connections and time.monotonic() < deadline:
                time.sleep(0.05)
            assert server.connections
            started = time.monotonic()
            process.send_signal(number)
            process.communicate(timeout=_SOON_SECONDS)
            took = time.monotonic() - started
            assert process.returncode == 0
    assert took < 10  # a forward would take 15


@pytest.mark.parametrize(
    "arguments",
    [
        ["--forward-to", "ftp://example.com/"],
        ["--forward-to", "http://"],
        ["--secret", "whsec_AAAA"],
        ["--secret", "@no-such-file"],
        ["--fail-with", "204"],
    ],
)
def test_an_unusable_argument_gives_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["webhook", "listen", *arguments]) == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_port_that_is_taken_gives_1(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(lambda connection: None) as server:
        assert main(["webhook", "listen", "--port", str(server.port)]) == 1
    assert capsys.readouterr().err.startswith(f"--port {server.port}: ")
