"""Starts the vendor emulator for the local cloud and reads its ledger."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import ROOT, http_client
from tools.processes import Child, ToolError, clean_environment


@dataclass(frozen=True)
class EmulatorProcess:
    """A running emulator: its URLs, the vendor accounts' keys that it accepts, its process."""

    url: str
    secret_id: str
    secret_key: str
    senseid_url: str
    senseid_key: str
    senseid_iv: str
    child: Child

    def calls(self) -> list[dict[str, Any]]:
        """Every vendor call so far, oldest first. Raises OSError when it does not answer."""
        calls: list[dict[str, Any]] = self._read("calls")["calls"]
        return calls

    def scenarios(self) -> dict[str, Any]:
        """The scenarios by action, and the faults. Raises OSError when it does not answer."""
        scenarios: dict[str, Any] = self._read("scenarios")
        return scenarios

    def reset(self) -> None:
        """Forget calls, objects and faults. Raises OSError when it does not answer."""
        self._control("reset", {})

    def fault(self, action: str, fault: str, times: int = 1) -> None:
        """Let the next calls of an action meet a fault. Raises OSError when it does not answer."""
        self._control("faults", {"action": action, "fault": fault, "times": times})

    def end_faults(self, action: str) -> None:
        """Empty the queue of an action's faults. Raises OSError when it does not answer."""
        self._control("faults", {"action": action, "fault": None})

    def new_key(self) -> dict[str, str]:
        """Another key of the account, as the secret of the vendor's key has it."""
        key: dict[str, str] = self._control("keys", {})
        return key

    def disable_keys(self, *secret_ids: str) -> None:
        """Let the vendor refuse keys with these ids, and take all others."""
        self._control("keys", {"disabled": list(secret_ids)})

    def _read(self, name: str) -> Any:
        answer = http_client.request("GET", f"{self.url}/_emulator/{name}", timeout=10)
        if answer.status != 200:
            raise ToolError(f"the emulator answered {answer.status} to GET /_emulator/{name}")
        return json.loads(answer.body)

    def _control(self, name: str, body: dict[str, Any]) -> Any:
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        answer = http_client.request(
            "POST", f"{self.url}/_emulator/{name}", headers, data, timeout=10
        )
        if answer.status not in (200, 204):
            text = answer.body.decode("utf-8", "replace")[:500]
            raise ToolError(f"the emulator answered {answer.status} to POST {name}: {text}")
        return json.loads(answer.body) if answer.body else {}


@contextmanager
def run_emulator(log: Path) -> Iterator[EmulatorProcess]:
    """The emulator on a free loopback port, until the block ends. Raises ToolError."""
    command = [sys.executable, "-m", "liveproof_emulator", "--port", "0"]
    log.unlink(missing_ok=True)
    with Child(
        "emulator", command, log, clean_environment(), ROOT, read_stdout=True, grace=0
    ) as child:
        document = json.loads(child.first_line(60))
        yield EmulatorProcess(
            document["url"].rstrip("/"),
            document["secret_id"],
            document["secret_key"],
            document["senseid_url"],
            document["senseid_key"],
            document["senseid_iv"],
            child,
        )
