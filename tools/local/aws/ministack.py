"""MiniStack, the local AWS. Only this module and its server (`ministack_server`) depend on it.

MiniStack is young and pinned exactly. Everything that relies on its details is here: how it starts,
its settings, the URLs of its HTTP APIs.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tools import ROOT
from tools.local.aws import fair_queues
from tools.packaging.aws.template import LOCAL_KEY, aws_environment
from tools.processes import Child, ToolError, clean_environment, free_port, remove, tail

_START_SECONDS = 60.0


@dataclass(frozen=True)
class LocalAws:
    """A running local AWS: `endpoint` for SDKs and osls, `region`, its own log, its process."""

    endpoint: str
    region: str
    log: Path
    child: Child

    def credentials(self) -> dict[str, str]:
        """Environment for a program that should talk to this AWS and to no other."""
        return aws_environment(self.endpoint, self.region)

    def client(self, service: str) -> Any:
        """A boto3 client of this AWS."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=LOCAL_KEY,
            aws_secret_access_key=LOCAL_KEY,
        )

    def receives_again(self) -> int:
        """How many times a message was received after its first time, in all queues."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(fair_queues.AGAIN)

    def http_api_url(self, api_id: str) -> str:
        """Where the $default stage of an HTTP API answers, without a slash at the end."""
        return f"{self.endpoint}/_aws/execute-api/{api_id}/$default"


def _healthy(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2) as answer:  # noqa: S310
            return bool(json.load(answer))
    except (urllib.error.URLError, OSError, ValueError):
        return False


@contextmanager
def run_ministack(region: str, log: Path, function_logs: Path | None = None) -> Iterator[LocalAws]:
    """Starts MiniStack on a free loopback port, with an empty state, until the block ends.

    Functions run as worker processes under this interpreter; their roles' policies count.

    Args:
        function_logs: what all functions log, `function  text`; written anew.

    Raises:
        ToolError: it did not answer within a minute.
    """
    scratch = Path(tempfile.mkdtemp(prefix="liveproof-"))
    try:
        with _start(region, log, scratch, function_logs) as aws:
            yield aws
    finally:
        remove(scratch)


@contextmanager
def _start(region: str, log: Path, scratch: Path, function_logs: Path | None) -> Iterator[LocalAws]:
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    environment = clean_environment(
        {
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_REGION": region,
            "IOT_MTLS_ENABLED": "0",  # else it listens on 8883 as well
            "PERSIST_STATE": "0",
            "S3_PERSIST": "0",
            "LAMBDA_EXECUTOR": "local",
            # As on AWS; MiniStack would take fewer on a machine with little memory.
            "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
            "AUTH": "true",  # signatures and the roles' policies count, as on AWS
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(scratch),  # it unpacks functions and layers there, and leaves them
        }
    )
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tools.local.aws.ministack_server"]
    if function_logs is not None:
        command += ["--function-logs", str(function_logs)]
    with Child("MiniStack", command, log, environment, ROOT, grace=0) as child:
        deadline = time.monotonic() + _START_SECONDS
        while not _healthy(endpoint):
            child.require_running()
            if time.monotonic() > deadline:
                raise ToolError(f"MiniStack did not answer in {_START_SECONDS:.0f} s\n{tail(log)}")
            time.sleep(0.1)
        yield LocalAws(endpoint, region, log, child)
