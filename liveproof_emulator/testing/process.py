"""The emulator in a process of its own, set through its controls."""

import http.client
import json
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

from liveproof_emulator.keys import Key
from liveproof_emulator.senseid.cipher import Cipher
from liveproof_emulator.testing.running import Running

_WAIT_SECONDS = 20.0


class EmulatorProcess(Running):
    """`python -m liveproof_emulator`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "liveproof_emulator", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            first = json.loads(self._first_line())
        except BaseException:
            self.stop()
            raise
        self.url = first["url"]
        self.secret_id = first["secret_id"]
        self.secret_key = first["secret_key"]
        temporary = first["temporary"]
        self.temporary = Key(temporary["secret_id"], temporary["secret_key"], temporary["token"])
        self.cipher = Cipher(first["senseid_key"], first["senseid_iv"])

    def reset(self) -> None:
        self._request("POST", "reset", {})

    def scenarios(self) -> dict[str, object]:
        scenarios: dict[str, object] = self._request("GET", "scenarios")
        return scenarios

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_WAIT_SECONDS)
        finally:
            if self._process.stdout is not None:
                self._process.stdout.close()

    def _ledger(self) -> list[dict[str, object]]:
        calls: list[dict[str, object]] = self._request("GET", "calls")["calls"]
        return calls

    def _control(self, name: str, body: dict[str, object]) -> dict[str, object]:
        answer: dict[str, object] = self._request("POST", name, body)
        return answer

    def _first_line(self) -> str:
        if self._process.stdout is None:
            raise RuntimeError("the emulator was started without its output")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the emulator ended before it served")
        return line

    def _request(self, method: str, name: str, body: dict[str, object] | None = None) -> Any:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_WAIT_SECONDS)
        try:
            encoded = None if body is None else json.dumps(body).encode()
            connection.request(method, f"/_emulator/{name}", encoded)
            reply = connection.getresponse()
            answer = json.loads(reply.read())
        finally:
            connection.close()
        if reply.status != 200:
            raise ValueError(answer.get("error", f"HTTP {reply.status}"))
        return answer


def start_process() -> EmulatorProcess:
    """Serve on 127.0.0.1, on a free port, from a new process."""
    return EmulatorProcess()
