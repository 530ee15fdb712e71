"""The emulator as a process of its own, with the face of `liveproof_emulator.testing.Running`."""

import http.client
import json
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

from liveproof_emulator.keys import Key
from liveproof_emulator.senseid.cipher import Cipher
from liveproof_emulator.testing import Running

_WAIT_SECONDS = 20.0


class Served(Running):
    """`python -m liveproof_emulator`, steered through its controls."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "liveproof_emulator", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            told = json.loads(self._first_line())
        except BaseException:
            self.stop()
            raise
        self.url = told["url"]
        self.secret_id = told["secret_id"]
        self.secret_key = told["secret_key"]
        temporary = told["temporary"]
        self.temporary = Key(temporary["secret_id"], temporary["secret_key"], temporary["token"])
        self.cipher = Cipher(told["senseid_key"], told["senseid_iv"])

    def calls(self, action: str | None = None) -> list[dict[str, object]]:
        entries: list[dict[str, object]] = self._asked("GET", "calls")["calls"]
        return [entry for entry in entries if action is None or entry["action"] == action]

    def reset(self) -> None:
        self._asked("POST", "reset", {})

    def scenarios(self) -> dict[str, object]:
        names: dict[str, object] = self._asked("GET", "scenarios")
        return names

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_WAIT_SECONDS)
        finally:
            if self._process.stdout is not None:
                self._process.stdout.close()

    def _control(self, name: str, body: dict[str, object]) -> dict[str, object]:
        answer: dict[str, object] = self._asked("POST", name, body)
        return answer

    def _first_line(self) -> str:
        if self._process.stdout is None:
            raise RuntimeError("the emulator was started without its output")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the emulator ended before it served")
        return line

    def _asked(self, method: str, name: str, body: dict[str, object] | None = None) -> Any:
        """A control's answer. ValueError with its text if it refuses."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_WAIT_SECONDS)
        try:
            sent = None if body is None else json.dumps(body).encode()
            connection.request(method, f"/_emulator/{name}", sent)
            reply = connection.getresponse()
            answer = json.loads(reply.read())
        finally:
            connection.close()
        if reply.status != 200:
            raise ValueError(answer.get("error", f"HTTP {reply.status}"))
        return answer


def serve() -> Served:
    """Start `python -m liveproof_emulator` on a free port of 127.0.0.1."""
    return Served()
