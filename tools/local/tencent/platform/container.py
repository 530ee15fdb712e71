"""One container: a process that runs one function, one event at a time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tools.local.tencent.platform.outcome import Failure, Outcome

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
# SCF's default for the time until a container takes its first event (583/11637).
_INIT_SECONDS = 65.0
_LONGEST_LINE = 256 * 1024
# -S: packages of the interpreter that runs us are not in the function's package.
_INTERPRETER = (sys.executable, "-S", "-s", "-B")

Print = Callable[[str], None]


class Container:
    """A process of a function's code. `start` one and `initialize` it; it is good until `alive` is
    False."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        output: asyncio.Task[None],
    ) -> None:
        self._process, self._reader, self._writer = process, reader, writer
        self._output = output

    @classmethod
    async def start(
        cls, handler: str, code: Path, environment: Mapping[str, str], say: Print
    ) -> Container:
        """Starts the process.

        Args:
            handler: file and function.
            code: the unpacked package; the working directory and USER_CODE_ROOT.
            environment: all that the process sees.
            say: gets every line that it prints.

        Raises:
            OSError: the machine cannot start one more.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *_INTERPRETER, _BOOTSTRAP, str(theirs.fileno()), handler,
                    cwd=code, env=dict(environment), pass_fds=[theirs.fileno()],
                    stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                )  # fmt: skip
            except OSError:
                ours.close()
                raise
        reader, writer = await asyncio.open_connection(sock=ours)
        output = asyncio.create_task(_copy(process.stdout, say))
        return cls(process, reader, writer, output)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can take an event."""
        return self._process.returncode is None and not self._reader.at_eof()

    async def initialize(self) -> Outcome:
        """Waits until the code is imported. After a failure the container is of no use."""
        return await self._answer(_INIT_SECONDS, "initialization")

    async def invoke(self, event: object, context: Mapping[str, Any], timeout: float) -> Outcome:
        """Hands over one event and waits for its end; after a timeout the process is killed."""
        data = json.dumps({"event": event, "context": context}).encode()
        try:
            self._writer.write(len(data).to_bytes(4, "big") + data)
            outcome = await self._answer(timeout, "the task")
        except ConnectionError:
            outcome = self._ended()
        if outcome.failure is not None and outcome.failure.kind in ("timeout", "exit"):
            await self.stop()
        return outcome

    async def _answer(self, timeout: float, what: str) -> Outcome:
        try:
            answer = await asyncio.wait_for(self._message(), timeout)
        except asyncio.TimeoutError:
            return Outcome(failure=Failure("timeout", f"{what} took over {timeout:g} seconds"))
        except (asyncio.IncompleteReadError, ConnectionError):
            return self._ended()
        if "error" in answer:
            text = f"{answer['error']}: {answer['message']}"
            return Outcome(failure=Failure("exception", text))
        return Outcome(answer.get("value"))

    async def _message(self) -> dict[str, Any]:
        size = int.from_bytes(await self._reader.readexactly(4), "big")
        message: dict[str, Any] = json.loads(await self._reader.readexactly(size))
        return message

    def _ended(self) -> Outcome:
        return Outcome(failure=Failure("exit", "the process ended before its answer"))

    async def stop(self) -> None:
        """Kills the process and waits for its last line. Safe to call twice."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.kill(self.pid, signal.SIGKILL)
        self._writer.close()
        await self._process.wait()
        await self._output


async def _copy(stream: asyncio.StreamReader | None, say: Print) -> None:
    if stream is None:
        raise RuntimeError("the container was started without its output")
    rest = b""
    while chunk := await stream.read(65536):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        for line in lines:
            say(line.decode("utf-8", "replace"))
    if rest:
        say(rest.decode("utf-8", "replace"))
