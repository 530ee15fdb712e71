"""Starts the platform as its own process, and talks to it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import ROOT, http_client
from tools.local.tencent.platform.config import Config
from tools.processes import Child, ToolError, children_with, clean_environment

_START_SECONDS = 30.0
# An invocation may take as long as SCF lets a function run.
_ASK_SECONDS = 910.0


@dataclass(frozen=True)
class Platform:
    """A running platform: the address of its APIs, the functions' URLs, its process, and the key
    of an operator, who may read and write the secrets and invoke every function.

    Every method raises ToolError if the platform refuses, and OSError if it is silent.
    """

    url: str
    urls: Mapping[str, str]
    child: Child
    operator: Mapping[str, str]

    def put_secret(self, name: str, version: str, value: str) -> None:
        """A version of a secret, as an operator puts it."""
        self._post("secrets", {"name": name, "version": version, "value": value})

    def send(self, function: str, event: object, copies: int = 1) -> None:
        """An event into a function's queue, as an asynchronous Invoke would put it."""
        self._post("events", {"function": function, "event": event, "copies": copies})

    def invoke(self, function: str, event: object) -> Any:
        """Runs a function; returns its value. Raises ToolError if it fails."""
        answer = self._post("invocations", {"function": function, "event": event})
        if "failure" in answer:
            raise ToolError(f"{function}: {answer['failure']['errorMessage']}")
        return answer["value"]

    def bucket_event(self, event: Mapping[str, Any]) -> int:
        """Hands over an event of the bucket, as COS sends it; returns how many functions got it."""
        count: int = self._post("bucket-events", event)["functions"]
        return count

    def container(self, function: str) -> tuple[dict[str, str], dict[str, Any]]:
        """The environment that a container of a function would have, and a context for an event.
        Its code is in USER_CODE_ROOT; its key is in both, so neither is to be logged."""
        answer = self._post("containers", {"function": function})
        return answer["environment"], answer["context"]

    def change_environment(self, function: str, variables: Mapping[str, str]) -> None:
        """Gives a function these variables beside its own ones, and in their place, from its next
        event on. An empty mapping gives it back its own."""
        self._post("environments", {"function": function, "variables": dict(variables)})

    def waiting(self) -> list[dict[str, Any]]:
        """Asynchronous events that are in flight or wait for a retry; oldest first."""
        events: list[dict[str, Any]] = self._state()["waiting"]
        return events

    def dead_letters(self) -> list[dict[str, Any]]:
        """Asynchronous events whose retries or time are over; SCF drops them."""
        events: list[dict[str, Any]] = self._state()["dead_letters"]
        return events

    def retries(self) -> int:
        """How many times an event was tried after its first time, since the start."""
        retries: int = self._state()["retries"]
        return retries

    def containers(self, function: str) -> dict[str, list[int]]:
        """The process ids of a function's `busy` and `idle` containers."""
        pids: dict[str, list[int]] = self._state()["containers"][function]
        return pids

    def processes(self) -> dict[int, str]:
        """The process ids of all containers, each with its function's name on SCF."""
        return children_with(self.child.process.pid, "SCF_FUNCTIONNAME")

    def _state(self) -> dict[str, Any]:
        return self._document(http_client.request("GET", f"{self.url}/_platform/state", timeout=30))

    def _post(self, control: str, body: Mapping[str, Any]) -> dict[str, Any]:
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        url = f"{self.url}/_platform/{control}"
        return self._document(http_client.request("POST", url, headers, data, timeout=_ASK_SECONDS))

    def _document(self, answer: http_client.Response) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(answer.body)
        if answer.status != 200:
            raise ToolError(f"the platform refused: {document.get('error')}")
        return document


@contextmanager
def run_platform(config: Config, logs: Path) -> Iterator[Platform]:
    """The platform until the block ends; every container ends with it, even if this process dies.

    Raises:
        ToolError: it did not start; the text shows why.
    """
    path, log = logs / "platform.json", logs / "platform.log"
    config.write(path)
    log.unlink(missing_ok=True)
    command: list[str | Path] = [sys.executable, "-m", "tools.local.tencent.platform", path]
    environment = clean_environment({"PYTHONPATH": str(ROOT)})
    with Child(
        "local Tencent Cloud", command, log, environment, ROOT, read_stdout=True, grace=0
    ) as child:
        document = json.loads(child.first_line(_START_SECONDS))
        yield Platform(document["url"], document["urls"], child, document["operator"])
