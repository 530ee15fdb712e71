"""What the pages count for a verification is what the code does for one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.docs.pages import text_of
from tests.support.deployment import FILES, Deployment


class Counted:
    """A port that counts its calls, as `port.method`."""

    def __init__(self, name: str, port: Any, calls: Counter[str]) -> None:
        self._name, self._port, self._calls = name, port, calls

    def __getattr__(self, method: str) -> Any:
        self._calls[f"{self._name}.{method}"] += 1
        return getattr(self._port, method)


@pytest.fixture
def calls(deployment: Deployment) -> Counter[str]:
    """What a delivered verification without a repeat asks of each port."""
    counted: Counter[str] = Counter()
    ports: Any = {
        name: Counted(name, getattr(deployment.dependencies, name), counted)
        for name in ("records", "bucket", "steps")
    }
    deployment.dependencies = replace(deployment.dependencies, **ports)
    verification = deployment.create()
    for name in FILES:
        deployment.upload(verification, name)
    delivered = deployment.deliver(deployment.run_check(verification))
    assert delivered.due_at is None
    return counted


def row(page: str, what: str) -> str:
    """The rest of a table's row."""
    (found,) = re.findall(rf"^\| {re.escape(what)} \|(.*)\|$", text_of(page), re.MULTILINE)
    return str(found)


def test_the_records_writes_and_reads_in_operating_are_the_codes(calls: Counter[str]) -> None:
    written = row("operating.md", "writes of the record")
    assert written.startswith(f" {calls['records.save']}: ")
    assert f"the same {calls['records.save']} " in written
    read = row("operating.md", "reads of the record").split("|")
    assert [int(cell) for cell in read] == [calls["records.load"]] * 2


def test_the_buckets_requests_in_operating_are_the_codes(calls: Counter[str]) -> None:
    requests = row("operating.md", "requests to the bucket")
    # For the vendor the files are read once more: by the relay here, by the vendor on COS.
    assert calls["bucket.open"] == 2 * len(FILES)
    assert f"{calls['bucket.head']} HEAD, {calls['bucket.open']} GET" in requests
    assert f"{calls['steps.run']} Invoke" in row("operating.md", "messages")


def test_a_thousand_verifications_are_a_thousand_times_one(calls: Counter[str]) -> None:
    written, read = (f"{calls[name]} 000" for name in ("records.save", "records.load"))
    assert f"{written} writes of records" in row("deploy-aws.md", "DynamoDB")
    assert f"{read} consistent reads" in row("deploy-aws.md", "DynamoDB")
    assert f"{written} writes and {read} reads of records" in row("deploy-tencent.md", "TDSQL-C")
    heads, gets = calls["bucket.head"], calls["bucket.open"]
    assert f"{heads} 000 HEAD, {gets} 000 GET" in row("deploy-aws.md", "S3")
    reads = heads + gets
    assert row("deploy-tencent.md", "COS, reads").startswith(f" {reads} 000: ")
    messages = calls["steps.run"] + len(FILES)
    assert row("deploy-aws.md", "SQS").startswith(f" {messages} 000 messages")
