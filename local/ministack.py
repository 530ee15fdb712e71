"""MiniStack, the local AWS: the only module that knows it by name.

It is young and pinned exactly; what relies on it is here: how it starts, what it is told through its
environment, where it serves an HTTP API, and what it does not check (docs/local.md tells the reader).
"""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collections.abc import Iterator

from local.processes import Child, LocalCloudError, clean_environment, free_port, tail

# MiniStack's built-in administrator. Not a secret: it opens nothing outside this machine's loopback.
_ACCESS_KEY = "test"
_START_SECONDS = 60.0


@dataclass(frozen=True)
class LocalAws:
    """A running local AWS: `endpoint` for SDKs and osls, `region`, and the log of everything it does."""

    endpoint: str
    region: str
    log: Path
    child: Child

    def credentials(self) -> dict[str, str]:
        """Environment for a program that should talk to this AWS and to no other."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": _ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": _ACCESS_KEY,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            # No profile or config file of the user's may change where the calls go.
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """A boto3 client of this AWS."""
        import boto3

        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=_ACCESS_KEY,
            aws_secret_access_key=_ACCESS_KEY,
        )

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
def running(region: str, log: Path) -> Iterator[LocalAws]:
    """Starts MiniStack on a free loopback port, with an empty state, until the block ends.

    Functions run as worker processes under this interpreter, with the roles of the template enforced.

    Raises:
        LocalCloudError: it did not answer within a minute.
    """
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
            "AUTH": "true",  # signatures and the roles' policies count, as on AWS
            "PYTHONUNBUFFERED": "1",
        }
    )
    log.unlink(missing_ok=True)
    with Child("MiniStack", [sys.executable, "-m", "ministack"], log, environment) as child:
        deadline = time.monotonic() + _START_SECONDS
        while not _healthy(endpoint):
            child.require_running()
            if time.monotonic() > deadline:
                raise LocalCloudError(f"MiniStack did not answer in {_START_SECONDS:.0f} s\n{tail(log)}")
            time.sleep(0.1)
        yield LocalAws(endpoint, region, log, child)
