"""`liveproof plan`: its arguments, its table, its JSON, its picture, its failures."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from liveproof_cli.program import main
from simulator.plan import ArrivalsUnusable, burst, read_arrivals

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "liveproof_cli", "plan"]
BURST = ["plan", "--burst", "20", "--latency", "0.5,1"]


def test_a_table_says_how_long_a_burst_takes_and_what_it_costs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*BURST, "--quota", "10", "--cloud", "tencent"]) == 0
    output = capsys.readouterr()

    assert re.search(
        r"reflect: 20 verifications, quota 10/s, pace [\d.]+/s, vendor 0.5 s", output.out
    )
    assert re.search(r"drained in [\d.]+ s; from the first call to the last", output.out)
    assert re.search(r"together [\d.]+ USD", output.out)
    assert "100 %" in output.err


def test_json_is_an_object_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BURST, "--json", "--clients", "one=3,two"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    (check,) = (one for one in answers if one["answer"] == "check")
    assert (check["offered"], check["decided"], check["latency_p95"]) == (20, 20, 1.0)
    clients = {one["client"]: one["offered"] for one in answers if one["answer"] == "client"}
    assert clients == {"one": 15, "two": 5}
    assert {one["answer"] for one in answers} == {"check", "client", "use", "cost"}


def test_two_processes_say_the_same_and_draw_the_same(tmp_path: Path) -> None:
    said, drawn = [], []
    for number in (1, 2):
        picture = tmp_path / f"{number}.svg"
        done = subprocess.run(
            [*COMMAND, *BURST[1:], "--json", "--svg", str(picture)],
            env={
                **os.environ,
                "PYTHONHASHSEED": str(number),
                "PYTHONPATH": f"{ROOT}/layers:{ROOT}",
            },
            capture_output=True,
            check=True,
        )
        said.append(done.stdout)
        drawn.append(picture.read_text("utf-8"))

    assert said[0] == said[1]
    assert drawn[0] == drawn[1]
    assert drawn[0].startswith("<svg")
    assert all(word in drawn[0] for word in ("arrivals", "calls", "decisions"))


def test_arrivals_come_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arrivals = tmp_path / "arrivals.csv"
    arrivals.write_text("seconds,check,client,count\n0,photo,one,3\n2.5,,two,\n")
    assert main(["plan", "--arrivals", str(arrivals), "--json"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert {
        (one["check"], one["client"]): one["offered"]
        for one in answers
        if one["answer"] == "client"
    } == {("photo", "one"): 3, ("reflect", "two"): 1}


def test_a_file_of_a_spreadsheet_begins_with_a_mark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was refused for the names of its columns."""
    arrivals = tmp_path / "arrivals.csv"
    arrivals.write_text("seconds,count\n0,2\n", encoding="utf-8-sig")
    assert main(["plan", "--arrivals", str(arrivals), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["offered"] == 2


def test_a_file_that_is_no_utf_8_is_refused_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arrivals = tmp_path / "arrivals.csv"
    arrivals.write_bytes("seconds,client\n0,Café\n".encode("latin-1"))
    assert main(["plan", "--arrivals", str(arrivals)]) == 2
    assert "arrivals.csv: 'utf-8' codec" in capsys.readouterr().err


def test_a_load_of_another_check_can_come_beside(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BURST, "--beside", "photo=2", "--for", "10", "--json"]) == 0
    checks = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    offered = {one["check"]: one["offered"] for one in checks if one["answer"] == "check"}
    assert offered["reflect"] == 20
    assert 5 < offered["photo"] < 50


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seed", "1"], "name one of --burst, --rate and --arrivals"),
        (["--burst", "1", "--rate", "1"], "name one of"),
        (["--burst", "0"], "--burst must be positive"),
        (["--rate", "-1"], "--rate must be positive"),
        (["--burst", "5", "--quota", "tea=3"], "there is no check 'tea'"),
        (["--burst", "5", "--quota", "many"], "--quota many"),
        (["--burst", "5", "--beside", "3"], "--beside 3"),
        (["--burst", "5", "--clients", "one=x"], "--clients one=x"),
        (["--burst", "5", "--outage", "soon"], "--outage soon"),
        (["--burst", "5", "--killed", "2"], "between 0 and 1"),
        (["--rate", "0.001", "--for", "0.001"], "nothing arrives"),
        (["--arrivals", "nowhere.csv"], "nowhere.csv"),
        (["--burst", "5", "--quota", "0"], "--quota"),
        (["--burst", "5", "--latency", "3,1"], "--latency"),
        # These were simulated with the default, did not end, or were an error nobody foresaw.
        (["--burst", "5", "--concurrency", "0.5"], "--concurrency 0.5"),
        (["--burst", "5", "--concurrency", "inf"], "--concurrency inf"),
        (["--burst", "5", "--quota", "inf"], "--quota inf"),
        (["--burst", "5", "--latency", "inf"], "--latency inf"),
        (["--burst", "5", "--clients", "one=nan"], "--clients one=nan"),
        (["--burst", "5", "--outage", "60-30"], "--outage 60-30: it must end"),
        (["--burst", "5", "--outage", "nan-nan"], "--outage nan-nan"),
        (["--burst", "5", "--memory-mb", "-1"], "--memory-mb must be positive"),
        (["--rate", "inf"], "--rate must be positive"),
        (["--rate", "1", "--for", "inf"], "--for must be positive, and end"),
        (["--burst", "5", "--beside", "photo=inf"], "--beside photo=inf"),
    ],
)
def test_unusable_options_of_a_plan_are_refused_with_the_reason(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", *arguments]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["at,check"], "the first line"),
        ([], "the first line"),
        (["seconds", "soon"], "line 2"),
        (["seconds,check", "1,tea"], "'tea'"),
        (["seconds,count", "1,0"], "line 2"),
        (["seconds", "-1"], "negative"),
        (["seconds", "nan"], "line 2"),
        (["seconds", "inf"], "line 2"),
    ],
)
def test_arrivals_that_cannot_be_read_say_where(lines: list[str], said: str) -> None:
    with pytest.raises(ArrivalsUnusable, match=said):
        read_arrivals(lines, "reflect")


def test_a_burst_is_shared_out_to_clients_without_loss() -> None:
    arrivals = burst(10, "reflect", {"one": 1.0, "two": 1.0, "three": 1.0})

    assert len(arrivals) == 10
    assert [arrival.client for arrival in arrivals] == ["one"] * 3 + ["two"] * 4 + ["three"] * 3


def test_without_the_simulators_packages_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "simpy" else name)

    assert main(BURST) == 1
    message = capsys.readouterr().err
    assert "simpy is missing" in message
    (lock,) = re.findall(r"pip install -r (\S+)", message)
    assert (ROOT / lock).exists()


def test_a_run_stops_at_once_when_it_is_interrupted() -> None:
    with subprocess.Popen(
        [*COMMAND, "--rate", "4", "--for", "100000"],
        env={**os.environ, "PYTHONPATH": f"{ROOT}/layers:{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        running.stderr.readline()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)

    assert running.returncode == 130
    assert out == ""
    assert "stopped" in err
    assert "Traceback" not in err
