"""A platform with small functions of our own: what it does is seen from inside them and outside."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from liveproof_emulator import testing
from tools import http_client
from tools.local.tencent.platform import client as platform_client
from tools.local.tencent.platform.client import Platform
from tools.local.tencent.platform.config import Config

Value = TypeVar("Value")

REGION = "ap-singapore"
BUCKET = "sample-1250000000"
HOST = f"{BUCKET}.cos.{REGION}.myqcloud.com"

# What each sample does is told by its event, so that a test says it.
SAMPLE = """
import json, os, sys, time
from pathlib import Path

imported = time.monotonic()
handled = 0


def handler(event, context):
    global handled
    handled += 1
    asked = event.get("body") or event.get("Message") or event
    if isinstance(asked, str):
        asked = {} if event.get("isBase64Encoded") else json.loads(asked)
    if "count" in asked:
        with open(asked["count"], "a") as file:
            file.write("x")
        if len(Path(asked["count"]).read_text()) <= asked.get("fails", 0):
            raise RuntimeError("as it was told to")
    if "keep" in asked:
        Path(asked["keep"]).write_text(json.dumps(event))
    if "raise" in asked:
        raise ValueError(asked["raise"])
    if "sleep" in asked:
        time.sleep(asked["sleep"])
    if "exit" in asked:
        os._exit(asked["exit"])
    if "print" in asked:
        print(asked["print"])
        print(asked["print"], file=sys.stderr)
    if "python" in asked:
        return eval(asked["python"])
    if "return" in asked:
        return asked["return"]
    return {"pid": os.getpid(), "handled": handled, "event": event, "context": context}
"""

VALUES = {
    "region": REGION,
    "bucket": BUCKET,
    "function_prefix": "sample-",
    "api_keys_secret": "sample-api-keys:v1",
    "vendor_key_secret": "sample-vendor-key:v2",
}


def function(**changes: Any) -> dict[str, Any]:
    """An entry of functions.json."""
    return {
        "description": "A sample", "memory_mb": 128, "timeout_seconds": 10, "triggers": [],
        "bucket": {}, "secrets": [], "invokes": False, **changes,
    }  # fmt: skip


FUNCTIONS = {
    "front": function(triggers=[{"type": "http"}], timeout_seconds=3, memory_mb=256),
    "uploads": function(
        triggers=[{"type": "cos", "events": ["cos:ObjectCreated:*"], "prefix": "uploads/"}],
        bucket={"uploads/": ["GetObject", "HeadObject"], "evidence/": ["PutObject"]},
    ),
    "works": function(
        invokes=True, secrets=["api_keys"], retries=2, retention_seconds=60, timeout_seconds=1
    ),
    "once": function(retries=0),
    "short": function(retries=9, retention_seconds=1, timeout_seconds=1),
    "clock": function(triggers=[{"type": "timer", "name": "tick", "cron": "0 59 * * * * *"}]),
}


def document(functions: Mapping[str, Any] = FUNCTIONS, **environment: str) -> dict[str, Any]:
    """A functions.json."""
    return {
        "note": "samples", "runtime": "Python3.10", "handler": "handler.handler",
        "environment": {"SAMPLE_REGION": "${region}", "SAMPLE_API": "${scf_endpoint}",
                        **environment},
        "functions": dict(functions),
    }  # fmt: skip


@dataclass(frozen=True)
class World:
    """A platform, the emulator beside it and the folder of its logs."""

    platform: Platform
    emulator: testing.Running
    folder: Path

    def log(self) -> str:
        return (self.folder / "functions.log").read_text()

    def get(self, function: str, event: object) -> Any:
        return self.platform.invoke(function, event)

    def http(
        self,
        method: str,
        path: str,
        document: object = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> http_client.Response:
        body = raw if raw is not None else json.dumps(document or {}).encode()
        sent = {"Content-Length": str(len(body)), **(headers or {})}
        return http_client.request(
            method, self.platform.urls["front"] + path, sent, body, timeout=20
        )


@contextmanager
def world(
    folder: Path, functions: Mapping[str, Any] = FUNCTIONS, **settings: Any
) -> Iterator[World]:
    """A platform that runs SAMPLE in every function; `settings` are Config's."""
    path = folder / "functions.json"
    path.write_text(json.dumps(document(functions)))
    code = folder / "code"
    for name in functions:
        (code / name).mkdir(parents=True)
        (code / name / "handler.py").write_text(SAMPLE)
    with testing.start() as emulator:
        config = Config(
            functions=str(path),
            values=VALUES,
            emulator=emulator.url,
            code={name: str(code / name) for name in functions},
            log=str(folder / "functions.log"),
            **{"retry_seconds": 0.2, **settings},
        )
        with platform_client.run_platform(config, folder) as platform:
            yield World(platform, emulator, folder)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("platform")) as running:
        yield running


def eventually(look: Callable[[], Value], seconds: float = 10.0) -> Value:
    """What `look` gives, once it is true."""
    deadline = time.monotonic() + seconds
    while True:
        value = look()
        if value:
            return value
        assert time.monotonic() < deadline, f"still {value!r} after {seconds} s"
        time.sleep(0.02)


def at_once(work: Callable[[], None], times: int) -> float:
    """Runs `work` in a number of threads; the seconds that all of them took."""
    started = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return time.monotonic() - started
