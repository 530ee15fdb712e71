"""`python -m liveproof_emulator`."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import liveproof_emulator

ROOT = Path(liveproof_emulator.__file__).parent.parent
COMMAND = [sys.executable, "-W", "error", "-m", "liveproof_emulator"]


class Process:
    """A running command; its first line read."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        self.first = json.loads(self.process.stdout.readline())

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit status and standard error."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=10)
        return self.process.returncode, errors.decode()


@pytest.fixture
def command() -> Iterator[Process]:
    running = Process("--secret-id", "AKIDmine", "--secret-key", "mine")
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.communicate()


def test_it_serves_until_a_signal_and_logs_one_plain_line_per_call(
    command: Process, web: Any, caller: Any
) -> None:
    first = command.first
    assert (first["secret_id"], first["secret_key"]) == ("AKIDmine", "mine")
    caller.vendor.url, original = first["url"], caller.vendor.url
    try:
        keys = {"secret_id": "AKIDmine", "secret_key": "mine"}
        host = first["url"].removeprefix("http://")
        parameters = {"TargetAction": "GenerateReflectSequence"}
        urls = caller.response("CreateUploadUrl", parameters, host=host, **keys)
        assert web("PUT", urls["UploadUrl"], b"secret bytes").status == 200
        caller.response("Nothing", parameters, host=host, **keys)
    finally:
        caller.vendor.url = original
    status, errors = command.stop()
    lines = [json.loads(line) for line in errors.splitlines()]
    assert status == 0
    assert [line["call"] for line in lines] == ["CreateUploadUrl", "PutObject", "Nothing"]
    for secret in ("q-signature", "secret bytes", "mine", "faceid/"):
        assert secret not in errors


def test_an_interrupt_ends_it_as_well(command: Process) -> None:
    assert command.stop(signal.SIGINT) == (0, "")


def test_a_port_that_is_taken_is_a_plain_error(command: Process) -> None:
    port = command.first["url"].rpartition(":")[2]
    second = subprocess.run(
        [*COMMAND, "--port", port], cwd=ROOT, capture_output=True, timeout=10, check=False
    )
    assert second.returncode == 1
    assert second.stderr.decode().count("\n") == 1
    assert second.stdout == b""


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_a_port_that_there_is_none_of_is_a_plain_error(port: str) -> None:
    done = subprocess.run(
        [*COMMAND, f"--port={port}"],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.rstrip().endswith("it has to be 0 to 65535")
    assert done.stdout == ""


@pytest.mark.parametrize("limit", ["VideoLivenessCompare", "VideoLivenessCompare=many"])
def test_a_limit_without_a_number_is_a_plain_error(limit: str) -> None:
    """It was an invalid literal of int(), and named no option."""
    done = subprocess.run(
        [*COMMAND, f"--calls-per-second={limit}"],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.rstrip().endswith(f"{limit!r} is no limit: it has to be ACTION=N")


def test_a_caller_that_hangs_up_in_the_middle_of_a_body_is_let_go(command: Process) -> None:
    host, _, port = command.first["url"].removeprefix("http://").rpartition(":")
    paths = ["/", "/_emulator/clock", "/cos/a-1.cos.ap-singapore.myqcloud.com/x"]
    for path in paths:
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\nabc"
            connection.sendall(head.encode())
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1024) == b""
    assert command.stop() == (0, "")
