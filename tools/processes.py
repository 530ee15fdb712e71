"""Child processes in groups of their own, which end with the work that started them."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from typing_extensions import Self

# How long the kernel may take to end a killed process.
_KILLED_SECONDS = 30.0
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class ToolError(Exception):
    """A tool failed. The text says why, and shows the end of the log if a program failed."""


class UsageError(ToolError):
    """The arguments are not valid; nothing was started."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without variables that could name another project, account or key."""
    hidden = (
        "AWS_",
        "LIVEPROOF_",
        "POWERTOOLS_",
        "MINISTACK_",
        "PYTHONPATH",
        "SLS_",
        "SERVERLESS_",
    )
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return {**inherited, **(extra or {})}


def tail(log: Path, lines: int = 25) -> str:
    """The last lines of a log, for an error message."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return f"({log} does not exist)"
    return f"--- end of {log}\n" + "\n".join(text.splitlines()[-lines:])


class Child:
    """A running program with its own process group and its output in a log file.

    Leaving the `with` block stops the whole group: SIGTERM, then SIGKILL after `grace` seconds.
    With a grace of 0, for a program that has nothing to save, SIGKILL comes at once.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        environment: Mapping[str, str],
        cwd: Path | None = None,
        *,
        read_stdout: bool = False,
        grace: float = 10.0,
    ) -> None:
        """Starts the program. `first_line` needs `read_stdout`."""
        self.name, self.log, self._grace = name, log, grace
        self._drainer: threading.Thread | None = None
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if read_stdout else sink,
                stderr=sink,
                env=dict(environment),
                cwd=cwd,
                start_new_session=True,  # Ctrl-C reaches only this process, which stops it
            )
        self._guard = _guard(self.process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def first_line(self, timeout: float) -> str:
        """The first line of standard output.

        Raises:
            ToolError: the program ended, or printed nothing for `timeout` seconds.
        """
        stream = self.process.stdout
        assert stream is not None, "started without read_stdout"  # noqa: S101
        ready, _, _ = select.select([stream], [], [], timeout)
        line = stream.readline() if ready else b""
        if not line.strip():
            raise ToolError(f"{self.name} did not start within {timeout:.0f} s\n{tail(self.log)}")
        # Nobody reads the rest; a full pipe would stop the program.
        self._drainer = threading.Thread(target=self._drain, name=f"{self.name}-output")
        self._drainer.start()
        return line.decode()

    def _drain(self) -> None:
        stream = self.process.stdout
        assert stream is not None, "started without read_stdout"  # noqa: S101
        with self.log.open("ab") as sink:
            for line in stream:
                sink.write(line)

    def require_running(self) -> None:
        """Raises ToolError if the program has ended."""
        code = self.process.poll()
        if code is not None:
            raise ToolError(f"{self.name} ended with {code}\n{tail(self.log)}")

    def stop(self) -> None:
        """Stops the program and everything that it started. Safe to call twice."""
        if self._grace:
            _signal_group(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(self._grace)
            except subprocess.TimeoutExpired:
                print(f"{self.name} ignored SIGTERM; killed", file=sys.stderr)
        # The leader may be gone while its workers are not.
        _signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait(_KILLED_SECONDS)
        if self._drainer is not None:
            self._drainer.join()  # the pipe ends with the last of the group
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._guard.kill()
        self._guard.communicate(timeout=_KILLED_SECONDS)


def _guard(group: int) -> subprocess.Popen[bytes]:
    """Kills the group if this process dies without stopping it: the pipe to the guard then ends."""
    script = 'read -r _; kill -9 "-$1"'
    return subprocess.Popen(
        ["/bin/sh", "-c", script, "guard", str(group)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return  # all of it has ended


def run(
    name: str,
    command: Sequence[str | Path],
    log: Path,
    environment: Mapping[str, str],
    cwd: Path,
    timeout: float,
) -> None:
    """Runs a program to its end, with its output in a log.

    Raises:
        ToolError: it failed, or took longer than `timeout` seconds.
    """
    log.unlink(missing_ok=True)
    with Child(name, command, log, environment, cwd) as child:
        try:
            code = child.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ToolError(f"{name} took longer than {timeout:.0f} s\n{tail(log)}") from None
    if code:
        raise ToolError(f"{name} failed with {code}\n{tail(log)}")


def remove(folder: Path) -> None:
    """Removes a folder with its content in the background: it may hold thousands of files, and
    Ctrl-C should not wait for them."""
    if not folder.exists():
        return
    doomed = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.removed")
    folder.rename(doomed)
    # The shell ends at once, so that no child of ours is left.
    subprocess.run(
        ["/bin/sh", "-c", 'rm -rf -- "$1" </dev/null >/dev/null 2>&1 &', "remove", str(doomed)],
        start_new_session=True,
        check=True,
    )


class Stop(BaseException):
    """SIGTERM or SIGHUP arrived: unwind, so that every child is stopped."""


def stop_on_signals() -> None:
    """Makes SIGTERM and SIGHUP unwind the program as Ctrl-C does. For the main thread, once."""

    def unwind(number: int, _frame: object) -> None:
        # A second signal must not interrupt the stopping of children.
        for ignored in _SIGNALS:
            signal.signal(ignored, signal.SIG_IGN)
        raise KeyboardInterrupt if number == signal.SIGINT else Stop(signal.Signals(number).name)

    for handled in _SIGNALS:
        signal.signal(handled, unwind)


def wait_until(deadline: float, step: float = 0.05) -> bool:
    """Sleeps one step; False once `deadline` (time.monotonic) has passed."""
    if time.monotonic() >= deadline:
        return False
    time.sleep(step)
    return True


def children_with(parent: int, variable: str) -> dict[int, str]:
    """The living children of a process whose environment has a variable, each with its value.

    Linux only: it reads /proc.
    """
    children = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            value = _variable_of(entry, parent, f"{variable}=".encode())
            if value is not None:
                children[int(entry.name)] = value
    return children


def _variable_of(process: Path, parent: int, prefix: bytes) -> str | None:
    try:
        environment = (process / "environ").read_bytes().split(b"\0")
        state = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None  # it has ended
    if state[0] == "Z" or int(state[1]) != parent:
        return None
    values = [line.removeprefix(prefix) for line in environment if line.startswith(prefix)]
    return values[0].decode() if values else None
