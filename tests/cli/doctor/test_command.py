"""The command `liveproof doctor`: a broken deployment is a verdict, and the exit status says so."""

from __future__ import annotations

import pytest

from liveproof_cli.doctor.examining import PROBES
from tests.support.command_line import Liveproof


@pytest.mark.usefixtures("named")
def test_a_deployment_without_a_key_for_its_functions_is_a_finding(liveproof: Liveproof) -> None:
    done = liveproof("doctor", "--json", "--only", "functions", "--only", "login")

    assert done.status == 1
    assert [(line["probe"], line["verdict"]) for line in done.lines] == [
        ("login", "ok"),
        ("functions", "could_not_ask"),
    ]
    assert "TENCENTCLOUD_SECRET_ID" in done.lines[1]["says"]


def test_a_deployment_that_cannot_be_opened_is_a_verdict(liveproof: Liveproof) -> None:
    done = liveproof("doctor", "--json", "--deployment", "aws:test@ap-southeast-1")

    assert done.status == 1
    assert done.lines[0]["verdict"] == "failed"
    assert "AWS_PROFILE" in done.lines[0]["says"]
    assert {line["verdict"] for line in done.lines[1:]} == {"could_not_ask"}
    assert len(done.lines) == len(PROBES)


@pytest.mark.usefixtures("named")
def test_all_well_ends_with_0(liveproof: Liveproof) -> None:
    assert liveproof("doctor", "--only", "login").status == 0


def test_the_probes_can_be_listed_without_a_deployment(liveproof: Liveproof) -> None:
    done = liveproof("doctor", "--list", "--json")

    assert done.status == 0
    assert [line["probe"] for line in done.lines] == [probe.name for probe in PROBES]


@pytest.mark.parametrize("arguments", [("--only", "weather"), ("--wait", "-1"), ()])
def test_a_misuse_ends_with_2(liveproof: Liveproof, arguments: tuple[str, ...]) -> None:
    assert liveproof("doctor", *arguments).status == 2
