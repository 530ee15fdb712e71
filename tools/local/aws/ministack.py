"""MiniStack, the local AWS. Only this module and its server (`ministack_server`) depend on it.

MiniStack is young and pinned exactly. Everything that relies on its details is here: how it starts,
its settings, the URLs of its HTTP APIs, where the functions' logs are.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import boto3
from botocore.exceptions import BotoCoreError, ClientError

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

    @contextmanager
    def following_function_logs(self, prefix: str, log: Path) -> Iterator[None]:
        """Copies what functions log, about once a second, until the block ends.

        Args:
            prefix: of the functions' names; left out in the log.
            log: written anew; one line per line, `function  text`.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        ended = threading.Event()
        follower = _LogFollower(self.client("logs"), f"/aws/lambda/{prefix}", log)
        thread = threading.Thread(target=follower.run, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        except BaseException:
            ended.set()  # Ctrl-C waits for no last look
            raise
        ended.set()
        thread.join(15)

    def receives_again(self) -> int:
        """How many times a message was received after its first time, in all queues."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(fair_queues.AGAIN)

    def http_api_url(self, api_id: str) -> str:
        """Where the $default stage of an HTTP API answers, without a slash at the end."""
        return f"{self.endpoint}/_aws/execute-api/{api_id}/$default"


class _LogFollower:
    """Reads new events of the log groups of a prefix.

    Here, unlike on AWS, every invocation has its own log stream, written when it ends.
    """

    def __init__(self, logs: Any, prefix: str, log: Path) -> None:
        self._logs, self._prefix, self._log = logs, prefix, log
        self._seen: dict[str, set[str]] = {}
        self._since: dict[str, int] = {}

    def run(self, ended: threading.Event) -> None:
        last = False
        with self._log.open("w", encoding="utf-8") as sink:
            while not last:
                last = ended.wait(1.0)  # one more look after the end
                try:
                    self._look(sink)
                except (BotoCoreError, ClientError) as error:
                    sink.write(f"(cannot read the functions' logs: {error})\n")
                    sink.flush()

    def _look(self, sink: TextIO) -> None:
        groups = self._logs.describe_log_groups(logGroupNamePrefix=self._prefix)["logGroups"]
        for name in [group["logGroupName"] for group in groups]:
            seen, since = self._seen.setdefault(name, set()), self._since.get(name, 0)
            events = self._logs.filter_log_events(logGroupName=name, startTime=since)["events"]
            for event in events:
                text = event["message"].rstrip()
                if event["logStreamName"] in seen or text.startswith(("START ", "END ")):
                    continue
                sink.write(f"{name.removeprefix(self._prefix)}  {text}\n")
            if events:
                self._since[name] = events[-1]["timestamp"]
                seen.update(event["logStreamName"] for event in events)
        sink.flush()


def _healthy(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=2) as answer:  # noqa: S310
            return bool(json.load(answer))
    except (urllib.error.URLError, OSError, ValueError):
        return False


@contextmanager
def run_ministack(region: str, log: Path) -> Iterator[LocalAws]:
    """Starts MiniStack on a free loopback port, with an empty state, until the block ends.

    Functions run as worker processes under this interpreter; their roles' policies count.

    Raises:
        ToolError: it did not answer within a minute.
    """
    scratch = Path(tempfile.mkdtemp(prefix="liveproof-"))
    try:
        with _start(region, log, str(scratch)) as aws:
            yield aws
    finally:
        remove(scratch)


@contextmanager
def _start(region: str, log: Path, scratch: str) -> Iterator[LocalAws]:
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
            "TMPDIR": scratch,  # it unpacks functions and layers there, and leaves them
        }
    )
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tools.local.aws.ministack_server"]
    with Child("MiniStack", command, log, environment, ROOT, grace=0) as child:
        deadline = time.monotonic() + _START_SECONDS
        while not _healthy(endpoint):
            child.require_running()
            if time.monotonic() > deadline:
                raise ToolError(f"MiniStack did not answer in {_START_SECONDS:.0f} s\n{tail(log)}")
            time.sleep(0.1)
        yield LocalAws(endpoint, region, log, child)
