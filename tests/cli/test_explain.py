"""`liveproof explain CODE`: what a code means, once per product that has it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from liveproof import facts
from liveproof.api.problems import PROBLEMS
from liveproof.observability import Event, Measure, Metric
from liveproof.webhooks.explanation import ERRORS
from liveproof_cli.explanations import explanations
from liveproof_cli.program import main

ROOT = Path(__file__).parents[2]
SEEDS = json.loads((ROOT / "tests" / "data" / "seed_codes.json").read_text())
CODES = [(product, code) for product in facts.PRODUCTS for code in SEEDS[product]]
FIELDS = {
    "code",
    "product",
    "class",
    "billable",
    "retryable",
    "decision",
    "reason",
    "tell",
    "note",
    "source",
    "date",
}


def explained(capsys: pytest.CaptureFixture[str], code: str) -> list[dict[str, Any]]:
    assert main(["explain", code, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return [json.loads(line) for line in captured.out.splitlines()]


@pytest.mark.parametrize(("product", "code"), CODES)
def test_every_code_of_the_vendors_lists_is_explained_with_every_field(
    product: str, code: str
) -> None:
    name = facts.code_table(product).product
    (entries,) = [entry for entry in explanations(code) if entry["product"] == name]

    assert set(entries) == FIELDS
    assert all(entries[field] not in (None, "") for field in FIELDS - {"note"})
    assert entries["code"] == code


def test_a_code_is_explained_as_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    (entries,) = explained(capsys, "FailedOperation.LivessDetectFake")

    assert entries["class"] == "rejected"
    assert (entries["decision"], entries["reason"]) == ("rejected", "spoof_suspected")
    assert entries["retryable"] is False


def test_a_retryable_code_is_shown_as_retryable(capsys: pytest.CaptureFixture[str]) -> None:
    assert {entry["retryable"] for entry in explained(capsys, "RequestLimitExceeded")} == {True}
    assert {entry["retryable"] for entry in explained(capsys, "InternalError")} == {True}


def test_a_number_of_two_products_is_explained_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    entries = explained(capsys, "2004")

    assert {entry["product"] for entry in entries} == {
        facts.code_table("senseid").product,
        facts.code_table("saas").product,
    }


def test_a_code_of_both_tencent_products_is_explained_for_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    entries = explained(capsys, "FailedOperation.ImageDecodeFailed")

    assert len({entry["product"] for entry in entries}) == 2


@pytest.mark.parametrize("reason", sorted(facts.reasons()))
def test_a_reason_of_ours_is_explained_too(reason: str) -> None:
    entries = [
        entry for entry in explanations(reason) if entry.get("kind") == "reason of a decision"
    ]

    assert len(entries) == 1
    assert entries[0]["tell"] == facts.reasons()[reason].message


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("error of a delivery", [*ERRORS]),
        ("problem document of the API", [problem.code for problem in PROBLEMS.values()]),
        ("event of a log line", [*Event.__members__]),
        ("metric", [metric.value for metric in (*Metric, *Measure)]),
    ],
)
def test_every_code_of_ours_is_explained_by_its_kind(kind: str, codes: list[str]) -> None:
    for code in codes:
        entries = [entry for entry in explanations(code) if entry.get("kind") == kind]
        assert len(entries) == 1, code
        assert str(entries[0]["meaning"]).strip(), code


def test_a_delivery_error_says_what_helps_and_whether_it_costs_an_attempt(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (theirs,) = explained(capsys, "tls_failed")
    (ours,) = explained(capsys, "no_endpoint")

    assert (theirs["costs an attempt"], ours["costs an attempt"]) == (True, False)
    assert "certificate" in theirs["do"]


@pytest.mark.parametrize(
    "code", ["Never.Heard", "failedoperation.livessdetectfake", "99999", "", "../reasons", "*"]
)
def test_an_unknown_code_ends_with_1_and_no_output(
    capsys: pytest.CaptureFixture[str], code: str
) -> None:
    assert main(["explain", code]) == 1
    captured = capsys.readouterr()

    assert captured.out == ""
    assert captured.err == f"{code!r} is no code that is known\n"


def test_a_negative_number_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "-999", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == "-999"


def test_a_person_reads_it_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "2004"]) == 0
    first, second = capsys.readouterr().out.split("\n\n")
    for text in (first, second):
        lines = dict(line.split(maxsplit=1) for line in text.splitlines())
        assert lines["code"] == "2004"
        assert lines["retryable"] in ("yes", "no")


def test_the_command_runs_on_its_own_without_credentials() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "liveproof_cli", "explain", "too_dark", "--json"],
        env={"PYTHONPATH": f"{ROOT / 'layers'}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["decision"] == "resubmit"
