"""`make attack`: what it can be asked for, its tables, its exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

from tools import ROOT

PATHS = f"{ROOT / 'layers'}:{ROOT}:{ROOT / 'clients/python/src'}"


def attack(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": PATHS}
    command = [sys.executable, "-m", "tests.attack", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_table_shows_row_expectation_result_and_verdict() -> None:
    ended = attack("--side", "operator", "--row", "no key at all")

    assert ended.returncode == 0
    head, _, row = ended.stdout.split("\n\n")[1].splitlines()
    assert head.split() == ["row", "expected", "result", "verdict"]
    assert row.startswith("secret: no key at all  refused")
    assert row.endswith("ok")
    assert ended.stdout.splitlines()[-1] == "attack: 1 of 1 rows as expected"


def test_json_lines_have_every_row() -> None:
    ended = attack("--side", "operator", "--json")

    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(rows) > 20
    assert {"side", "cloud", "row", "expected", "result", "as_expected", "seconds"} == set(rows[0])
    assert ended.returncode == (0 if all(row["as_expected"] for row in rows) else 1)


def test_a_row_that_does_not_exist_is_a_misuse() -> None:
    ended = attack("--side", "operator", "--row", "no such row")

    assert ended.returncode == 2
    assert "no row" in ended.stderr


def test_interrupted_it_stops_at_once() -> None:
    environment = {**os.environ, "PYTHONPATH": PATHS}
    command = [sys.executable, "-m", "tests.attack", "--side", "vendor", "--json"]
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert running.stdout is not None
    assert running.stdout.readline()
    running.send_signal(signal.SIGINT)
    began = time.monotonic()
    running.communicate(timeout=60)

    assert running.returncode == 130
    assert time.monotonic() - began < 20
