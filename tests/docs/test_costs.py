"""What the pages count for a verification is what the code does for one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from liveproof import facts
from tests.docs.pages import ROOT, states, text_of
from tests.support.checks import answer
from tests.support.deployment import FILES, Deployment
from tests.support.evidence import put_evidence_keys
from tools.docs import costs


class Counted:
    """A port that counts its calls, as `port.method`."""

    def __init__(self, name: str, port: Any, calls: Counter[str]) -> None:
        self._name, self._port, self._calls = name, port, calls

    def __getattr__(self, method: str) -> Any:
        self._calls[f"{self._name}.{method}"] += 1
        return getattr(self._port, method)


HEADS = len(FILES)
"""On COS: one look at each file before the vendor gets its URL (clouds/tencent/vendor_files.py)."""


@pytest.fixture
def calls(deployment: Deployment) -> Counter[str]:
    """What a delivered verification with a best frame and a signed manifest, without a repeat, asks
    of each port."""
    put_evidence_keys(deployment)
    deployment.check.script = [answer(frame=True)]
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
    (cells,) = re.findall(rf"^\| {re.escape(what)} \|(.*)\|$", text_of(page), re.MULTILINE)
    return str(cells)


def row_of(cloud: str, what: str) -> str:
    """The rest of a row of the counts of a cloud."""
    counts = text_of("costs.md").partition(f"\n## {cloud}\n")[2].partition("\n### ")[0]
    (cells,) = re.findall(rf"^\| {re.escape(what)} \|(.*)\|$", counts, re.MULTILINE)
    return str(cells)


def test_the_records_writes_and_reads_on_the_page_are_the_codes(calls: Counter[str]) -> None:
    written = row("costs.md", "writes of the record")
    assert written.startswith(f" {calls['records.save']}: ")
    assert f"the same {calls['records.save']} " in written
    read = row("costs.md", "reads of the record").split("|")
    assert [int(cell) for cell in read] == [calls["records.load"]] * 2


def test_the_buckets_requests_on_the_page_are_the_codes(calls: Counter[str]) -> None:
    requests = row("costs.md", "requests to the bucket")
    # For the vendor the files are read once more: by the relay here, by the vendor on COS.
    assert calls["bucket.open"] == 2 * len(FILES)
    gets = f"{calls['bucket.open']} GET"
    assert (
        f"the best frame, the manifest), {gets} | the same, and {HEADS} HEAD; two of the GETs"
        in requests
    )
    assert f"{calls['steps.request']} Invoke" in row("costs.md", "messages")


def test_a_thousand_verifications_are_a_thousand_times_one(calls: Counter[str]) -> None:
    written, read = (f"{calls[name]} 000" for name in ("records.save", "records.load"))
    assert f"{written} writes of records" in row_of("AWS", "DynamoDB")
    assert f"{read} consistent reads" in row_of("AWS", "DynamoDB")
    assert f"{written} writes and {read} reads of records" in row_of("Tencent Cloud", "TDSQL-C")
    gets = calls["bucket.open"]
    assert f"{len(FILES) + calls['bucket.put']} 000 PUT, {gets} 000 GET" in row_of("AWS", "S3")
    assert row_of("Tencent Cloud", "COS, reads").startswith(f" {HEADS + gets} 000: ")
    messages = calls["steps.request"] + len(FILES)
    assert row_of("AWS", "SQS").startswith(f" {messages} 000 messages")


def test_the_estimates_counts_are_the_codes(calls: Counter[str]) -> None:
    counts = costs.DATA["counts"]
    assert counts["record_writes"] == calls["records.save"]
    assert counts["record_reads"] == calls["records.load"]
    assert counts["gets"] == calls["bucket.open"]
    assert counts["heads"] == {"aws": 0, "tencent": HEADS}
    assert counts["puts"] == len(FILES) + calls["bucket.put"]
    assert counts["messages"] == calls["steps.request"] + len(FILES)


@pytest.mark.parametrize("period", ["thousand", "month"])
@pytest.mark.parametrize("cloud", ["aws", "tencent"])
def test_the_pages_estimates_are_the_data_multiplied(cloud: str, period: str) -> None:
    assert costs.table(cloud, period) in text_of("costs.md"), "run make docs"


@pytest.mark.parametrize("cloud", ["aws", "tencent"])
def test_the_sums_and_the_burst_in_the_text_are_the_estimates(cloud: str) -> None:
    thousand, month = (costs.plain(costs.total(cloud, period)) for period in ("thousand", "month"))
    assert states("costs.md", f"{thousand} USD", f"{month} USD a month")
    assert states("costs.md", f"{costs.plain(costs.burst(cloud))} USD")
    column = ["aws", "tencent"].index(cloud)
    for what, sum_of in (("a thousand verifications", thousand), ("30 days without any", month)):
        assert row("costs.md", what).split("|")[column].strip() == sum_of


def test_the_text_names_the_largest_items_and_their_share() -> None:
    for cloud, period, share in (
        ("aws", "thousand", 2 / 3),
        ("tencent", "thousand", 4 / 5),
        ("tencent", "month", 2 / 3),
    ):
        first, *others = (line.usd or 0.0 for line in costs.lines(cloud, period))
        assert first > max(others)
        assert first / costs.total(cloud, period) == pytest.approx(share, abs=0.03)


def test_of_the_messages_only_the_buckets_have_no_group() -> None:
    counts = costs.DATA["counts"]
    assert counts["messages_with_group"] == counts["messages"] - len(FILES)


@pytest.mark.parametrize(
    ("cloud", "gigabytes"),
    [("aws", [0.5, 0.5, 0.5, 0.25, 0.25]), ("tencent", [0.25] * 5)],
)
def test_the_estimate_takes_the_memory_that_is_deployed(cloud: str, gigabytes: list[float]) -> None:
    functions = ("create", "verify_upload", "run_check", "deliver_result", "sweep")
    assert [costs.gigabytes_of_memory(cloud, function) for function in functions] == gigabytes


def test_a_price_has_a_text_and_a_date_or_is_open() -> None:
    for cloud in costs.DATA["prices"].values():
        for price in cloud["of"].values():
            assert price["source"]
            assert price["per"] >= 1
            assert (price["usd"] is None) == (not price["date"])


def test_without_a_price_an_item_is_open_and_not_in_the_sum() -> None:
    lines = costs.lines("aws", "month")
    (scheduler,) = (line for line in lines if line.price["usd"] is None)
    assert scheduler.usd is None
    assert costs.total("aws", "month") == pytest.approx(sum(line.usd or 0 for line in lines))
    assert "| open |" in costs.table("aws", "month")


def test_the_costs_without_traffic_are_those_of_the_deployed_resources() -> None:
    def occurrences(pattern: str, file: str) -> int:
        text = (ROOT / "infra" / file).read_text(encoding="utf-8")
        return len(re.findall(pattern, text, re.MULTILINE))

    aws = {line.what: line.units for line in costs.lines("aws", "month")}
    assert aws["secrets"] == occurrences("Type: AWS::SecretsManager::Secret$", "aws/secrets.yml")
    of_a_check = occurrences('"Type": "AWS::CloudWatch::Alarm"', "aws/check.json")
    others = occurrences("Type: AWS::CloudWatch::Alarm$", "aws/alarms.yml")
    assert aws["alarms"] == others + of_a_check * len(facts.checks())
    tencent = {line.what: line.units for line in costs.lines("tencent", "month")}
    assert tencent["secrets"] == occurrences(r'^    \w+ += "', "tencent/secrets.tf")
    # On Tencent Cloud every 20 seconds.
    assert "*/20 * * * * * *" in (ROOT / "infra/tencent/functions.json").read_text("utf-8")
    assert costs.SWEEPS == {"aws": 43_200, "tencent": 129_600}


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.00075, "0.00075"), (1944000, "1 900 000"), (0.3249, "0.32"), (14.83, "15"), (1, "1")],
)
def test_an_amount_has_two_significant_digits(number: float, text: str) -> None:
    assert costs.plain(number) == text
