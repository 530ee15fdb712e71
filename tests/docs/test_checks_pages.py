"""What the pages say about the checks: inputs, limits, paces, scores, codes, places to change."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from liveproof import facts
from liveproof.api.openapi import component_schemas
from liveproof.domain import run_times
from liveproof.domain.pace import PREPARED_MS, slot_width_us
from liveproof.use_cases import create_reflect_sequence, keep_evidence
from tests.docs.pages import ROOT, states, text_of
from tests.support.deployment import settings
from tools.demo import scenarios
from tools.demo.user_files import UserFiles
from tools.docs import checks as docs_checks
from tools.docs.settings import params

ROWS = [
    (check, name) for check, check_facts in facts.checks().items() for name in check_facts.inputs
]


@pytest.mark.parametrize("product", facts.PRODUCTS)
def test_every_code_of_a_product_has_its_row_in_the_products_own_table(product: str) -> None:
    table = text_of(f"codes-{product}.md")
    codes = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    assert codes == list(facts.code_table(product).codes)
    notes = [row.note for row in facts.code_table(product).codes.values() if row.note]
    assert [note for note in notes if f"| {note} |" not in table] == []


@pytest.mark.parametrize(("check", "name"), ROWS)
def test_an_inputs_row_in_uploading_says_what_the_data_says(check: str, name: str) -> None:
    (row,) = re.findall(rf"^\| `{check}` \| `{name}` \|.*$", text_of("uploading.md"), re.MULTILINE)
    input = facts.checks()[check].inputs[name]
    types, size = (cell.strip() for cell in row.strip("| ").split("|")[3:])
    assert tuple(re.findall(r"`(.+?)`", types)) == input.content_types
    shown = re.fullmatch(r"([0-9.]+) MiB(?: \(`(\w+)`\))?", size)
    assert shown is not None
    number = float(shown[1]) * 2**20
    if input.max_bytes is not None:
        assert (number, shown[2]) == (input.max_bytes, None)
    else:
        assert shown[2] == "maxBytes"
        assert number == settings().largest_file(check, name)


def test_an_input_has_a_limit_of_the_vendors_or_one_of_ours() -> None:
    for check, name in ROWS:
        input = facts.checks()[check].inputs[name]
        assert (input.max_bytes is None) == (input.default_max_bytes is not None)
        assert docs_checks.largest(check, name).startswith(
            f"{settings().largest_file(check, name)} bytes"
        )


@pytest.mark.parametrize("check", facts.checks())
def test_a_checks_pace_keeps_below_every_limit_of_its_apis(check: str) -> None:
    pace = settings().calls_per_second[check]
    check_facts = facts.checks()[check]
    assert all(pace <= facts.apis()[action].calls_per_second for action in check_facts.apis)
    for row in docs_checks.api_rows():
        if f"| `{check}` |" in row:
            assert f" | {pace:g} | " in row


@pytest.mark.parametrize("check", facts.checks())
def test_the_threshold_in_uploading_is_the_datas(check: str) -> None:
    check_facts = facts.checks()[check]
    said = " ".join(text_of("uploading.md").partition("* `threshold` is")[2].split())
    number = re.search(rf"`{check}`[^0-9]*?([0-9.]+)|([0-9.]+) for[^0-9]*`{check}`", said)
    assert number is not None
    assert float(number[1] or number[2]) == check_facts.threshold


@pytest.mark.parametrize("check", facts.checks())
def test_the_pace_on_the_page_is_the_params_and_its_arithmetic(check: str) -> None:
    section = text_of("pace.md").partition("\n## ")[0]
    (row,) = re.findall(rf"^\| `{check}` \|.*$", section, re.MULTILINE)
    _, pace, limit, thousand = (cell.strip() for cell in row.strip("| ").split("|"))
    assert pace == f"{settings().calls_per_second[check]:g}"
    width_us = slot_width_us(float(pace), 0, 0, PREPARED_MS)
    assert thousand == f"{1000 * width_us / 1_000_000:.0f} s"
    check_facts = facts.checks()[check]
    if check != "silent":
        published = {f"{facts.apis()[action].calls_per_second:g}" for action in check_facts.apis}
        assert set(re.findall(r"\d+", limit)) == published


def test_the_settings_that_all_checks_share_on_the_page_are_the_templates() -> None:
    assert run_times.SLOT_WAIT_SECONDS == 10
    assert states("pace.md", "ten seconds")
    pace = params()["uploadUrlsPerSecond"][1]
    assert states("pace.md", f"`uploadUrlsPerSecond` = {pace}")
    assert create_reflect_sequence.LONGEST_WAIT_MS == 5_000
    assert states("pace.md", "five seconds")


def test_the_scores_on_the_webhooks_page_are_the_checks() -> None:
    text = text_of("webhooks.md")
    scores = {check.score for check in facts.checks().values()}
    assert [score for score in scores if f"`{score}`" not in text] == []


def test_the_times_of_a_light_sequence_in_captures_are_the_codes() -> None:
    wait = create_reflect_sequence.LONGEST_WAIT_MS / 1000
    longest = wait + create_reflect_sequence.TIMEOUT_SECONDS
    text = text_of("captures.md")
    seconds = re.search(r"(\d+) seconds[^.]*HTTP client (\d+)", " ".join(text.split()))
    assert seconds is not None
    assert longest <= int(seconds[1]) <= int(seconds[2]) <= 30
    schema = component_schemas()["CreateReflectSequence"]["properties"]
    assert states("captures.md", f"{schema['device_data']['maxLength']} characters")
    levels = [str(schema["security_level"][limit]) for limit in ("minimum", "maximum", "default")]
    assert states("captures.md", "`security_level`", *levels)


def test_the_kinds_of_challenge_in_captures_are_the_apis() -> None:
    section = text_of("captures.md").partition("## The challenge of")[2]
    types = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    of_api = component_schemas()["DeclaredChallenge"]["properties"]["type"]["enum"]
    assert sorted(types) == sorted([*of_api, "type"])


def test_every_reason_for_a_missing_frame_is_on_the_checks_page() -> None:
    source = Path(keep_evidence.__file__).read_text(encoding="utf-8")
    assigned = [line for line in source.splitlines() if line.strip().startswith("missing = ")]
    codes = {code for line in assigned for code in re.findall(r'"(\w+)"', line)}
    assert len(codes) == 3
    assert [code for code in codes if f"`{code}` (" not in text_of("checks.md")] == []


def test_every_check_has_a_pace_and_every_input_a_limit() -> None:
    variables = settings()
    assert all(variables.calls_per_second[check] > 0 for check in facts.checks())
    assert all(variables.largest_file(check, name) > 0 for check, name in ROWS)


def test_the_readme_counts_the_demos_verifications_which_are_of_every_check() -> None:
    played = scenarios.all_scenarios(random.Random(0), UserFiles())
    assert states("README.md", f"{len(played)} verifications")
    words = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
    checks = words[len({scenario.check for scenario in played})]
    assert states("README.md", f"{checks} checks")
    assert {scenario.check for scenario in played} == set(facts.checks())


def test_the_places_to_add_a_check_exist() -> None:
    section = text_of("checks.md").partition("## Add a fifth check\n")[2]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    paths = [path for cell in cells for path in re.findall(r"`([\w./-]+)`", cell) if "/" in path]
    assert len(paths) > 10
    names = {"NAME": "video", "API": "liveness_compare", "PRODUCT": "iai"}
    for path in paths:
        real = re.sub(r"NAME|API|PRODUCT", lambda match: names[match[0]], path)
        assert (ROOT / real).exists(), path
