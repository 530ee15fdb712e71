"""Packaging for AWS talks to no AWS, neither a real nor a local one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tools import ROOT
from tools.packaging.aws import cloudformation, template


@pytest.fixture
def client() -> Iterator[Any]:
    """A client of a CloudFormation without stacks."""
    with cloudformation.without_stacks() as endpoint:
        yield boto3.client(
            "cloudformation",
            endpoint_url=endpoint,
            region_name=template.REGION,
            aws_access_key_id="id",
            aws_secret_access_key="key",
        )


def test_no_stack_exists(client: Any) -> None:
    with pytest.raises(ClientError, match=r"ValidationError.*liveproof-production does not exist"):
        client.describe_stacks(StackName="liveproof-production")


def test_any_other_call_is_refused(client: Any) -> None:
    with pytest.raises(ClientError, match="InvalidAction"):
        client.delete_stack(StackName="liveproof-production")


def test_the_command_imports_no_local_cloud() -> None:
    source = (
        "import sys, tools.packaging.__main__\n"
        "print([name for name in sys.modules if name.startswith('tools.local')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", source],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'layers'}:{ROOT}"},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
