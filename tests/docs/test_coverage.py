"""Nothing that a user can meet is missing from the docs, and their numbers are the code's."""

from __future__ import annotations

import json
import re

import pytest

from liveproof import facts
from liveproof.api import problems
from liveproof.api.openapi import component_schemas
from liveproof.api.routes import ROUTES
from liveproof.api.schemas import MAX_METADATA_BYTES, MAX_REFERENCE
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision
from liveproof.observability import Event, Metric
from liveproof.settings import environment_names
from liveproof.use_cases import (
    check_run,
    create_reflect_sequence,
    renew_uploads,
    slots,
    uploads,
)
from liveproof.webhooks import sender
from liveproof.webhooks.message import MAX_BODY_BYTES
from local import docs_checks, docs_codes
from local.docs_settings import alarms, environment, event_fields, params
from tests.docs.pages import ROOT, text_of


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("api.md", [*ROUTES, *(problem.code for problem in problems.ALL)]),
        ("logs.md", [*(event.name for event in Event), *(metric.value for metric in Metric)]),
        ("settings.md", [*environment_names(), *params(), *environment()]),
        ("operating.md", list(alarms())),
        ("reasons.md", list(facts.reasons())),
        ("states.md", [*(status.value for status in Status), *(each.value for each in Decision)]),
        ("webhooks.md", [each.value for each in Decision]),
        ("uploading.md", [each.value for each in Decision]),
        ("uploading.md", [name for check in facts.checks().values() for name in check.inputs]),
        ("README.md", list(facts.checks())),
        ("checks.md", [*facts.checks(), *facts.apis(), *facts.vendor_regions()]),
        ("deploy-aws.md", facts.vendor_regions()),
    ],
)
def test_the_page_mentions(page: str, words: list[str]) -> None:
    text = text_of(page)
    assert [word for word in words if f"`{word}`" not in text] == []


@pytest.mark.parametrize("product", facts.PRODUCTS)
def test_every_code_of_a_product_has_its_row_in_the_products_own_table(product: str) -> None:
    table = text_of("reasons.md").partition(f"## {docs_codes.TITLES[product]}\n")[2]
    table = table.partition("\n## ")[0]
    codes = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    assert codes == list(facts.code_table(product).codes)
    notes = [row.note for row in facts.code_table(product).codes.values() if row.note]
    assert [note for note in notes if f"| {note} |" not in table] == []


def test_the_alarms_are_found() -> None:
    assert len(alarms()) == 10


def test_every_alarm_on_our_own_namespace_has_a_metric_of_the_code() -> None:
    ours = {metric for name, (metric, _) in alarms().items() if not name.startswith("Sweep")}
    assert ours - {"ApproximateNumberOfMessagesVisible"} <= {metric.value for metric in Metric}


def test_every_event_is_written_somewhere() -> None:
    text = {event: fields for event, fields in event_fields().items() if fields}
    assert set(text) == set(Event)


def test_the_template_fills_every_setting_and_no_other() -> None:
    ours = {name for name in environment() if name.startswith("LIVEPROOF_")}
    assert ours == set(environment_names())


def test_every_setting_has_a_meaning_on_its_page() -> None:
    rows = [line for line in text_of("settings.md").splitlines() if line.startswith("| `")]
    assert all(line.split("|")[-2].strip() for line in rows)


def test_the_webhook_schedule_on_the_page_is_the_datas() -> None:
    schedule = facts.webhook_schedule()
    row = next(line for line in text_of("webhooks.md").splitlines() if line.startswith("| wait"))
    units = {"s": 1, "min": 60, "h": 3600}
    cells = [cell.split() for cell in row.strip("| ").split(" | ")[1:]]
    assert tuple(int(number) * units[unit] for number, unit in cells) == schedule.delays_seconds
    text = text_of("webhooks.md")
    assert f"within {schedule.total_timeout_seconds:g} seconds" in text
    assert f"{schedule.connect_timeout_seconds:g} to connect" in text
    assert schedule.jitter == 0.2
    assert "varies by a fifth" in text


def test_the_limits_on_the_pages_are_the_codes() -> None:
    uploading = text_of("uploading.md")
    assert f"{MAX_METADATA_BYTES} bytes" in uploading
    assert f"up to {MAX_REFERENCE} characters" in uploading
    assert uploads._URL_LIFETIME_MS == 15 * 60 * 1000
    assert "for 15 minutes" in uploading
    assert renew_uploads.MAX_KEYS == 10
    assert "issued ten times" in uploading
    assert f"at most {MAX_BODY_BYTES} bytes" in text_of("webhooks.md")


ROWS = [(check, name) for check, known in facts.checks().items() for name in known.inputs]


@pytest.mark.parametrize(("check", "name"), ROWS)
def test_an_inputs_row_in_uploading_says_what_the_data_says(check: str, name: str) -> None:
    (row,) = re.findall(rf"^\| `{check}` \| `{name}` \|.*$", text_of("uploading.md"), re.MULTILINE)
    known = facts.checks()[check].inputs[name]
    types, size = (cell.strip() for cell in row.strip("| ").split("|")[3:])
    assert tuple(re.findall(r"`(.+?)`", types)) == known.content_types
    shown = re.fullmatch(r"([0-9.]+) MiB(?: \(`(\w+)`\))?", size)
    assert shown is not None
    number = float(shown[1]) * 2**20
    if known.max_bytes is not None:
        assert (number, shown[2]) == (known.max_bytes, None)
    else:
        assert shown[2] == docs_checks.PARAMS_OF_LIMITS[check, name]
        assert number == int(params()[shown[2]][1])


def test_a_limit_of_ours_on_the_checks_page_is_the_params_default() -> None:
    for (check, name), param in docs_checks.PARAMS_OF_LIMITS.items():
        assert facts.checks()[check].inputs[name].max_bytes is None
        assert docs_checks.largest(check, name).startswith(f"{params()[param][1]} bytes")
    ours = {pair for pair in ROWS if facts.checks()[pair[0]].inputs[pair[1]].max_bytes is None}
    assert set(docs_checks.PARAMS_OF_LIMITS) == ours


@pytest.mark.parametrize("check", facts.checks())
def test_a_checks_pace_is_a_param_and_keeps_below_every_limit_of_its_apis(check: str) -> None:
    pace = float(params()[docs_checks.RATES[check]][1])
    known = facts.checks()[check]
    assert all(pace <= facts.apis()[action].calls_per_second for action in known.apis)
    assert f"`{docs_checks.RATES[check]}` {pace:g}" in text_of("checks.md")


@pytest.mark.parametrize("check", facts.checks())
def test_the_threshold_in_uploading_is_the_datas(check: str) -> None:
    known = facts.checks()[check]
    said = " ".join(text_of("uploading.md").partition("* `threshold` is")[2].split())
    number = re.search(rf"`{check}`[^0-9]*?([0-9.]+)|([0-9.]+) for[^0-9]*`{check}`", said)
    assert number is not None
    assert float(number[1] or number[2]) == known.threshold


@pytest.mark.parametrize("check", facts.checks())
def test_the_pace_of_operating_is_the_params_and_its_arithmetic(check: str) -> None:
    param = docs_checks.RATES[check]
    (row,) = re.findall(rf"^\| `{check}` \| `{param}` \|.*$", text_of("operating.md"), re.MULTILINE)
    _, _, pace, limit, thousand = (cell.strip() for cell in row.strip("| ").split("|"))
    assert pace == params()[param][1]
    assert thousand == f"{1000 / float(pace):.0f} s"
    known = facts.checks()[check]
    if check != "silent":
        published = {f"{facts.apis()[action].calls_per_second:g}" for action in known.apis}
        assert set(re.findall(r"\d+", limit)) == published


def test_what_all_checks_share_in_operating_is_the_templates() -> None:
    text = " ".join(text_of("operating.md").split())
    template = (ROOT / "serverless.yml").read_text(encoding="utf-8")
    at_once = params()["checksConcurrency"][1]
    assert "maximumConcurrency: ${param:checksConcurrency}\n" in template
    assert f"**{at_once} `run_check` at once**" in text
    assert f"the ceiling is {at_once} verifications a second" in text
    assert f"(`run_check` alone may use {at_once}, `checksConcurrency`)" in text_of("deploy-aws.md")
    assert slots.SLOT_WAIT_MS == 10_000
    assert "waiting for its moment (up to ten seconds)" in text
    assert f"`uploadUrlsPerSecond` = {params()['uploadUrlsPerSecond'][1]} " in text
    assert create_reflect_sequence.LONGEST_WAIT_MS == 5_000
    assert "would wait more than five seconds" in text


def test_the_scores_on_the_webhooks_page_are_the_checks() -> None:
    text = text_of("webhooks.md")
    scores = {known.score for known in facts.checks().values()}
    assert [score for score in scores if f"`{score}`" not in text] == []


def test_the_times_of_a_light_sequence_in_uploading_are_the_codes() -> None:
    wait = create_reflect_sequence.LONGEST_WAIT_MS / 1000
    longest = wait + create_reflect_sequence.TIMEOUT_SECONDS
    text = text_of("uploading.md")
    seconds = re.search(r"up to (\d+) seconds; give your HTTP client (\d+)", text)
    assert seconds is not None
    assert longest <= int(seconds[1]) <= int(seconds[2]) <= 30
    (length,) = re.findall(r"it may have (\d+) characters", text)
    schema = component_schemas()["CreateReflectSequence"]["properties"]
    assert int(length) == schema["device_data"]["maxLength"]
    assert (
        f"`security_level` says what the SDK asks for: {schema['security_level']['minimum']} "
        in text
    )
    assert schema["security_level"]["default"] == 4


def test_the_kinds_of_challenge_in_uploading_are_the_apis() -> None:
    section = text_of("uploading.md").partition("### The challenge of")[2].partition("\n### ")[0]
    types = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    known = component_schemas()["DeclaredChallenge"]["properties"]["type"]["enum"]
    assert sorted(types) == sorted([*known, "type"])


def test_security_says_which_functions_can_read_which_secret() -> None:
    text = " ".join(text_of("security.md").split())
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
    assert "Only `run_check` and `create_reflect_sequence` can read the vendor's key" in text
    assert readers["SenseIdKeySecret"] == ["RunCheck"]
    assert "only `run_check` SenseID's key" in text
    assert readers["WebhooksSecret"] == ["DeliverResult"]
    assert "only `deliver_result` the webhook secrets" in text


def test_the_template_puts_no_function_into_a_vpc_as_deploying_says() -> None:
    assert "The template puts no function into a VPC" in text_of("deploy-aws.md")
    template = (ROOT / "serverless.yml").read_text(encoding="utf-8")
    assert not re.search(r"^\s+vpc:", template, re.MULTILINE)


def test_the_times_of_operating_are_the_codes() -> None:
    text = text_of("operating.md")
    assert check_run.GIVE_UP_MS == 60 * 60 * 1000
    assert "for an hour after the" in text
    assert check_run.HOLD_MS == 24 * 60 * 60 * 1000
    assert "`held` for a day" in text
    assert check_run.LEASE_MARGIN_MS == 5_000
    assert "and five\nseconds" in text


@pytest.mark.parametrize(
    ("name", "param"),
    [
        ("uploads", "uploadsExpireDays"),
        ("best frames", "evidenceExpireDays"),
        ("records", "recordDays"),
        ("logs", "logRetentionDays"),
    ],
)
def test_the_retention_of_deploying_is_the_templates(name: str, param: str) -> None:
    value = params()[param][1]
    text = " ".join(text_of("deploy-aws.md").split())
    assert f"`{param}` ({value})" in text, name


def test_no_function_can_delete_objects_or_records_as_security_says() -> None:
    assert "no function can\n  delete objects or records" in text_of("security.md")
    for name in ("roles-api.yml", "roles-steps.yml"):
        roles = (ROOT / "infra" / "aws" / name).read_text(encoding="utf-8")
        assert "s3:Delete" not in roles
        assert "dynamodb:Delete" not in roles
        assert "*]" not in roles


def test_the_readmes_node_versions_are_the_ones_that_are_accepted() -> None:
    engines = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["engines"]["node"]
    assert engines == "^20.19.0 || ^22.13.0 || >=24"
    assert "(20.19 or a later 20, 22.13 or a later 22,\n24 or newer)" in text_of("README.md")


def test_every_reason_for_a_missing_answer_is_on_the_webhooks_page() -> None:
    said = (sender.Response.__doc__ or "").partition("a short code:")[2].partition(".")[0]
    codes = [*re.findall(r"[a-z]+(?:_[a-z]+)+", said), "no_endpoint"]
    assert len(codes) == 9
    assert [code for code in codes if f"`{code}`" not in text_of("webhooks.md")] == []
