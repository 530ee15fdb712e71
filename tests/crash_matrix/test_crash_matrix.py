"""The matrix in the gate: a few stops of each case, all with LIVEPROOF_WHOLE_ATTACK=1."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from liveproof.checks.registry import build_vendors
from liveproof.domain.next_move import UnknownPolicy
from liveproof_emulator import testing
from tests.crash_matrix.cases import CASES, KINDS, Case, parse, run_id, stops
from tests.crash_matrix.matrix import Matrix
from tests.support import crash_runs
from tests.support.deployment import Deployment
from tests.support.thorough import WHOLE
from tests.support.ways import WAYS, Way
from tools import ROOT

_STOPS = 2
_ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT / 'layers'}:{ROOT}"}
PHOTO = next(case for case in CASES if case.way.check == "photo")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.crash_matrix", *arguments]


def matrix(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("policy", UnknownPolicy)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_wherever_a_function_is_stopped_the_verification_ends_as_it_should(
    vendor: testing.Running, way: Way, policy: UnknownPolicy
) -> None:
    runs = Matrix(vendor, seed=1)
    violations = []
    for case in CASES:
        if (case.way, case.policy) != (way, policy):
            continue
        for stop in stops(case, runs.moments(case), None if WHOLE else _STOPS):
            result = runs.run(case, stop)
            if result.violations:
                violations.append((run_id(case, stop, 1), result.moment, result.violations))
    assert violations == []


def test_every_check_of_the_registry_is_among_them() -> None:
    deployment = Deployment()
    checks = build_vendors(deployment.dependencies.settings, deployment.secrets).checks
    assert {case.way.check for case in CASES} >= set(checks)


def test_every_port_operation_and_every_exchange_is_a_moment(vendor: testing.Running) -> None:
    reflect = next(case for case in CASES if case.way.check == "reflect")
    operations = {moment.partition(" ")[2] for moment in Matrix(vendor, seed=1).moments(reflect)}
    assert operations >= {
        "admission.enter",
        "admission.leave",
        "bucket.open",
        "bucket.presign_put",
        "bucket.put",
        "endpoint.send",
        "exchange CreateUploadUrl",
        "exchange DetectReflectLivenessAndCompare",
        "exchange GET",
        "exchange PUT",
        "quota.reserve",
        "records.load",
        "records.save",
        "secrets.get",
        "steps.request",
    }


def test_each_kind_of_stop_happens_where_it_may() -> None:
    moments = ["before records.save", "after exchange GET"]
    every = [str(stop) for stop in stops(PHOTO, moments)]
    assert every == [
        "not-stopped/-1",
        "killed/0",
        "failed/0",
        "conflict/0",
        "killed/1",
        "failed/1",
        "answer-lost/1",
    ]
    assert {kind.name for kind in KINDS.values()} >= {"quota-full", "secret-unusable", "cut-off"}


def test_a_part_of_the_stops_is_spread_over_all_of_them() -> None:
    moments = ["before records.load", "after records.load"] * 50
    some = stops(PHOTO, moments, 10)
    assert len(some) == 11
    assert some[-1].moment - some[1].moment > 50
    assert stops(replace(PHOTO, messages="lost"), moments, 10) != some


def test_a_runs_id_leads_to_the_run() -> None:
    case, stop, seed = parse(f"{PHOTO}/killed/7/3")
    assert (case, stop.moment, seed) == (PHOTO, 7, 3)
    assert run_id(case, stop, seed) == f"{PHOTO}/killed/7/3"


def test_a_second_paid_call_that_the_ledger_does_not_explain_is_a_violation(
    vendor: testing.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    case: Case = PHOTO
    runs = Matrix(vendor, seed=1)
    moments = runs.moments(case)
    (stop, *_) = stops(case, moments)
    monkeypatch.setattr(
        crash_runs.Run, "paid", property(lambda _: 2, lambda *_: None), raising=False
    )
    violations = runs.run(case, stop).violations
    assert "two were paid and none is unknown" in violations


def test_the_command_prints_a_table_and_the_number_of_runs() -> None:
    ended = matrix("--way", str(PHOTO.way), "--vendor", "answering", "--stops", "3", "--jobs", "1")

    assert ended.returncode == 0, ended.stderr
    head, _, first, second = ended.stdout.strip().split("\n\n")[0].splitlines()
    assert head.split() == ["check", "policy", "cases", "moments", "runs", "violations"]
    assert [line.split()[1] for line in (first, second)] == ["repeat_once", "hold"]
    assert "crash matrix: 24 runs of 6 cases, 0 with violations" in ended.stdout


def test_json_lines_have_every_run_and_a_run_can_be_repeated() -> None:
    part = ("--way", str(PHOTO.way), "--vendor", "answering", "--policy", "hold")
    ended = matrix(*part, "--messages", "lost", "--stops", "1", "--json")

    runs = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [set(run) for run in runs] == [{"run", "moment", "violations", "seconds"}] * 2
    again = matrix("--run", runs[1]["run"])
    assert again.returncode == 0
    assert again.stdout.startswith(f"{runs[1]['run']}: {runs[1]['moment']}\n")


def test_a_run_that_does_not_exist_is_a_misuse() -> None:
    ended = matrix("--run", "photo/killed/1/1")

    assert ended.returncode == 2
    assert "there is no run" in ended.stderr


def test_interrupted_it_stops_at_once() -> None:
    running = subprocess.Popen(
        command("--json", "--stops", "1"),
        cwd=ROOT,
        env=_ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert running.stdout is not None
    assert running.stdout.readline()
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=20)

    assert running.returncode == 130
