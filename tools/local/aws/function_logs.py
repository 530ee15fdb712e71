"""What functions log on the local AWS, in one file and at once.

MiniStack keeps the logs of an invocation for CloudWatch Logs' API when the invocation ends. To ask
that API every second costs a tenth of a core.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any


class FunctionLogs:
    """A file with the logs of all functions; one line per line, `function  text`.

    Args:
        log: written anew.
    """

    def __init__(self, log: Path) -> None:
        self._lock = threading.Lock()
        self._file = log.open("w", encoding="utf-8", buffering=1)

    def add(self, function: str, text: str) -> None:
        """Adds what one invocation logged."""
        name = function.rpartition("-")[2]  # without service and stage
        lines = "".join(f"{name}  {line}\n" for line in text.splitlines())
        with self._lock:
            self._file.write(lines)


def play(lambda_service: Any, logs: FunctionLogs) -> None:
    """Let MiniStack's module that invokes functions write the file as well."""
    keep = lambda_service._emit_lambda_logs

    def keep_and_add(
        func: dict[str, Any], request_id: str, text: str, error: bool, took_ms: int, **more: Any
    ) -> None:
        keep(func, request_id, text, error, took_ms, **more)
        report = f"REPORT RequestId: {request_id}\tDuration: {took_ms} ms"
        logs.add(func["config"]["FunctionName"], f"{text}\n{report}" if text else report)

    lambda_service._emit_lambda_logs = keep_and_add
