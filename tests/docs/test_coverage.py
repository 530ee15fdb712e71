"""Nothing that a user can meet is missing from the docs, and their numbers are the code's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

import pytest

from liveproof import facts
from liveproof.api.problems import PROBLEMS
from liveproof.api.routes import ROUTES
from liveproof.clouds.aws.settings import AwsSettings
from liveproof.clouds.tencent.settings import TencentSettings
from liveproof.domain import erasure_transitions, lease, next_move, retries
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.requests import MAX_METADATA_BYTES, MAX_REFERENCE
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision
from liveproof.environment_names import environment_names
from liveproof.observability import Event, Metric
from liveproof.settings import Settings
from liveproof.use_cases import (
    renew_uploads,
    sweep,
)
from liveproof.webhooks.message import MAX_BODY_BYTES
from liveproof.webhooks.retries import FREQUENT_FAULTS
from tests.docs.pages import ROOT, states, text_of
from tools.docs.alarms import alarms, tencent_alarms
from tools.docs.logs import event_fields
from tools.docs.settings import environment, params, tencent_environment, variables


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("api.md", lambda: [*ROUTES, *(problem.code for problem in PROBLEMS.values())]),
        (
            "logs.md",
            lambda: [*(event.name for event in Event), *(metric.value for metric in Metric)],
        ),
        (
            "settings.md",
            lambda: [
                *environment_names(AwsSettings),
                *environment_names(TencentSettings),
                *params(),
                *variables(),
            ],
        ),
        ("reasons.md", facts.reasons),
        ("states.md", lambda: [member.value for member in (*Status, *Decision)]),
        ("webhooks.md", lambda: [decision.value for decision in Decision]),
        ("uploading.md", lambda: [decision.value for decision in Decision]),
        (
            "uploading.md",
            lambda: [name for check in facts.checks().values() for name in check.inputs],
        ),
        ("README.md", facts.checks),
        ("checks.md", lambda: [*facts.checks(), *facts.apis(), *facts.vendor_regions()]),
        ("deploy-aws.md", facts.vendor_regions),
    ],
)
def test_the_page_mentions(page: str, words: Callable[[], Iterable[str]]) -> None:
    text = text_of(page)
    assert [word for word in words() if f"`{word}`" not in text] == []


def test_the_alarms_are_found() -> None:
    resources = (ROOT / "infra" / "aws" / "alarms.yml").read_text(encoding="utf-8")
    own = resources.count("Type: AWS::CloudWatch::Alarm")
    assert own >= 15
    assert len(alarms()) == own + 2 * len(facts.checks())


def _alarms_of_the_page(column: int) -> list[str]:
    rows = [line.split("|") for line in text_of("alarms.md").splitlines() if line.startswith("| ")]
    cells = [row[column] for row in rows if len(row) == 6]
    return [name for cell in cells for name in re.findall(r"`([\w-]+)`", cell)]


@pytest.mark.parametrize(("column", "alarms_of"), [(1, alarms), (2, tencent_alarms)])
def test_every_alarm_has_its_row_and_every_row_its_alarm(
    column: int, alarms_of: Callable[[], Iterable[str]]
) -> None:
    assert sorted(_alarms_of_the_page(column)) == sorted(alarms_of())


def test_every_alarm_that_a_symptom_names_exists() -> None:
    named = set(re.findall(r"`([A-Z]\w+Alarm)`", text_of("symptoms.md")))
    assert named
    assert named <= set(alarms())


def test_every_alarm_on_our_own_namespace_has_a_metric_of_the_code() -> None:
    ours = {metric for name, (metric, _) in alarms().items() if not name.startswith("Sweep")}
    aws = {
        "ApproximateNumberOfMessagesVisible",
        "ApproximateAgeOfOldestMessage",
        "5xx",
        "Latency",
        "WriteThrottleEvents",
    }
    assert ours - aws <= {metric.value for metric in Metric}


def test_every_event_is_written_somewhere() -> None:
    text = {event: fields for event, fields in event_fields().items() if fields}
    assert set(text) == set(Event)


@pytest.mark.parametrize(
    ("filled", "model"), [(environment, AwsSettings), (tencent_environment, TencentSettings)]
)
def test_the_infrastructure_fills_every_setting_and_no_other(
    filled: Callable[[], dict[str, str]], model: type[Settings]
) -> None:
    ours = {name for name in filled() if name.startswith("LIVEPROOF_")}
    assert ours == set(environment_names(model))


def test_every_setting_has_a_meaning_on_its_page() -> None:
    rows = [line for line in text_of("settings.md").splitlines() if line.startswith("| `")]
    assert all(line.split("|")[-2].strip() for line in rows)


def test_the_webhook_schedule_on_the_page_is_the_datas() -> None:
    schedule = facts.webhook_schedule()
    row = next(line for line in text_of("webhooks.md").splitlines() if line.startswith("| wait"))
    units = {"s": 1, "min": 60, "h": 3600}
    cells = [cell.split() for cell in row.strip("| ").split(" | ")[1:]]
    assert tuple(int(number) * units[unit] for number, unit in cells) == schedule.delays_seconds
    total, connect = schedule.total_timeout_seconds, schedule.connect_timeout_seconds
    assert states("webhooks.md", f"{total:g} seconds", f"{connect:g} to connect")
    assert schedule.jitter == 0.2
    assert states("webhooks.md", "a fifth")


def test_the_limits_on_the_pages_are_the_codes() -> None:
    assert states("uploading.md", f"{MAX_METADATA_BYTES} bytes")
    assert states("uploading.md", f"{MAX_REFERENCE} characters")
    assert erasure_transitions.URL_LIFETIME_MS == 15 * 60 * 1000
    assert states("uploading.md", "15 minutes")
    assert renew_uploads.MAX_KEYS == 10
    assert states("uploading.md", "ten times")
    assert states("webhooks.md", f"{MAX_BODY_BYTES} bytes")


def test_security_says_which_functions_can_read_which_secret() -> None:
    roles = "".join(
        (ROOT / "infra" / "aws" / name).read_text(encoding="utf-8")
        for name in ("roles-api.yml", "roles-steps.yml")
    )
    blocks = re.split(r"\n(?=  \w+Role:\n)", roles)
    readers = {
        secret: [re.findall(r"(\w+)Role:", block)[0] for block in blocks if f"{secret}.Id" in block]
        for secret in ("VendorKeySecret", "SenseIdKeySecret", "WebhooksSecret")
    }
    assert readers["VendorKeySecret"] == ["CreateReflectSequence", "RunCheck"]
    assert states("security.md", "`run_check`", "`create_reflect_sequence`", "vendor's key")
    assert readers["SenseIdKeySecret"] == ["RunCheck"]
    assert states("security.md", "`run_check`", "SenseID's key")
    assert readers["WebhooksSecret"] == ["Webhooks", "DeliverResult"]
    assert states("security.md", "`deliver_result`", "`webhooks`", "webhook secrets")


def test_the_template_puts_no_function_into_a_vpc_as_deploying_says() -> None:
    assert states("senseid.md", "no function into a VPC")
    template = (ROOT / "serverless.yml").read_text(encoding="utf-8")
    assert not re.search(r"^\s+vpc:", template, re.MULTILINE)


def test_the_times_of_operating_are_the_codes() -> None:
    assert states("pace.md", f"{retries.VENDOR_FAILURES} times", "an hour")
    waits = [retries.retry_delay_ms(failures) for failures in range(retries.VENDOR_FAILURES - 1)]
    assert 0.95 < sum(waits) / 3_600_000 < 1.1
    assert max(waits) == 2 * 60 * 1000
    assert states("pace.md", f"{retries.VENDOR_FAILURES} times", "two minutes")
    assert states("operating.md", f"{retries.MOST_RUNS} runs")
    assert retries.LONGEST_FAILING_MS == 24 * 60 * 60 * 1000
    assert states("operating.md", f"{FREQUENT_FAULTS} faults", "three days")
    assert sweep.FIRST_BACKOFF_MS == 15_000
    assert states("operating.md", "a quarter of a minute", "twice")
    assert sweep.LONGEST_BACKOFF_MS == 16 * 60 * 1000
    assert states("operating.md", "sixteen minutes")
    assert sweep.STUCK_BACKOFF_MS == 8 * 60 * 1000
    assert states("operating.md", "eight minutes")
    assert next_move.HOLD_MS == 24 * 60 * 60 * 1000
    assert states("operating.md", "`held`", "a day")
    assert lease.LEASE_MARGIN_MS == 5_000
    assert states("operating.md", "five seconds")


@pytest.mark.parametrize(
    ("name", "param"),
    [
        ("uploads", "uploadsExpireDays"),
        ("best frames", "evidenceExpireDays"),
        ("records", "recordRetentionDays"),
        ("logs", "logRetentionDays"),
    ],
)
def test_the_retention_of_deploying_is_the_templates(name: str, param: str) -> None:
    value = params()[param][1]
    assert states("deploy-aws.md", f"`{param}` ({value})"), name


def test_only_one_function_can_delete_objects_and_none_records_as_security_says() -> None:
    assert states(
        "security.md", "only `erase` can delete objects", "no function can delete records"
    )
    for name in ("roles-api.yml", "roles-steps.yml"):
        roles = (ROOT / "infra" / "aws" / name).read_text(encoding="utf-8")
        for block in re.split(r"\n(?=  \w+Role:\n)", roles):
            assert "s3:Delete" not in block or block.startswith("  EraseRole:")
        assert "dynamodb:Delete" not in roles
        assert "*]" not in roles


def test_the_readmes_node_versions_are_the_ones_that_are_accepted() -> None:
    engines = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["engines"]["node"]
    assert engines == "^20.19.0 || ^22.13.0 || >=24"
    assert states("README.md", "20.19", "22.13", "24 or newer")


def test_every_reason_for_a_missing_answer_is_on_the_webhooks_page() -> None:
    said = (WebhookResponse.__doc__ or "").partition("a short code:")[2].partition(".")[0]
    codes = [*re.findall(r"[a-z]+(?:_[a-z]+)+", said), "deployment_fault"]
    codes += ["no_endpoint", "no_signing_key"]
    assert len(codes) == 12
    assert [code for code in codes if f"`{code}`" not in text_of("webhooks.md")] == []
