"""Every assumption that nobody has confirmed says what would settle it, and every probe has one."""

from __future__ import annotations

import json
import re

import pytest

from tools.verify_deployment.__main__ import PROBES
from tools.verify_deployment.probe import Outcome, Verdict
from tools.verify_deployment.report import PAGE, Row, document, markdown, rows, verdict_of

WHO = (
    *("only by the vendor", "only by AWS", "only by your ", "only by the licence's owner"),
    *("only by a ", "only by files ", "only by pictures ", "only by load on your account"),
)


def test_every_row_of_the_page_names_its_probes_or_who_can_settle_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    lines = re.findall(r"^\| (?!assumption).+\|$", text, re.MULTILINE)

    assert len(rows()) == len(lines) > 80
    for row in rows():
        assert bool(row.probes) != bool(row.only_by), row
        assert row.only_by is None or row.only_by.startswith(WHO), row


def test_probes_and_rows_name_one_another() -> None:
    named = {name for row in rows() for name in row.probes}

    assert named == {probe.name for probe in PROBES}
    for row in rows():
        clouds = {cloud for probe in PROBES if probe.name in row.probes for cloud in probe.clouds}
        assert row.cloud is None or not row.probes or row.cloud in clouds, row


def outcome(probe: str, verdict: Verdict) -> Outcome:
    return Outcome(probe, "does", verdict, "HTTP 200", 0.1)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([Verdict.HELD, Verdict.NOT_RUN], Verdict.HELD),
        ([Verdict.HELD, Verdict.DID_NOT_HOLD], Verdict.DID_NOT_HOLD),
        ([Verdict.NOT_RUN, Verdict.NOT_RUN], Verdict.NOT_RUN),
    ],
)
def test_one_probe_that_did_not_hold_outweighs_the_others(
    verdicts: list[Verdict], expected: Verdict
) -> None:
    row = Row("an assumption", None, ("a", "b"), None)
    outcomes = [outcome(name, verdict) for name, verdict in zip("ab", verdicts, strict=True)]

    assert verdict_of(row, outcomes) is expected


def test_the_report_has_the_assumptions_of_its_cloud_only() -> None:
    outcomes = [outcome(probe.name, Verdict.HELD) for probe in PROBES]
    aws = document("aws", "1", 0.0, outcomes)
    tencent = document("tencent", "1", 0.0, outcomes)

    assert "HTTP API" in json.dumps(aws["assumptions"])
    assert "HTTP API" not in json.dumps(tencent["assumptions"])
    assert "SCF" not in json.dumps(aws["assumptions"])
    assert markdown(aws).count("\n| ") == len(aws["probes"]) + len(aws["assumptions"]) + 2
