"""What all commands have in common: help, misuse, Ctrl-C, and that a new one is a new file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from liveproof import __version__
from liveproof_cli import commands
from liveproof_cli.commands import explain
from liveproof_cli.program import PROGRAM
from tests.support.command_line import Liveproof, every_command

ROOT = Path(__file__).parents[2]


COMMANDS = every_command(PROGRAM)


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_every_command_has_help_and_the_common_options(
    liveproof: Liveproof, names: tuple[str, ...]
) -> None:
    done = liveproof(*names, "--help")
    assert (done.status, done.err) == (0, "")
    assert all(option in done.out for option in ("--deployment", "--json", "--login"))
    assert COMMANDS[names].help


def test_the_version_is_the_packages(liveproof: Liveproof) -> None:
    done = liveproof("--version")
    assert (done.status, done.out, done.err) == (0, f"liveproof {__version__}\n", "")


def test_a_command_is_a_module_of_the_folder(liveproof: Liveproof) -> None:
    folder = Path(commands.__path__[0])
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert {name.replace("-", "_") for (name, *rest) in COMMANDS if not rest} == modules
    done = liveproof("--help")
    assert all(f"  {name} " in done.out for (name, *_) in COMMANDS)


@pytest.mark.parametrize(
    "arguments", [[], ["lst"], ["list", "--unheard"], ["show"], ["list", "--limit", "0"]]
)
def test_a_misuse_ends_with_2_and_no_output(liveproof: Liveproof, arguments: list[str]) -> None:
    done = liveproof(*arguments)
    assert (done.status, done.out) == (2, "")
    assert "liveproof" in done.err


def test_an_error_that_nobody_foresaw_is_one_sentence_and_a_traceback_only_if_asked_for(
    liveproof: Liveproof, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(code: str) -> None:
        raise ZeroDivisionError(f"of {code}")

    monkeypatch.setattr(explain, "explanations", broken)
    done = liveproof("explain", "2004")
    assert (done.status, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert "ZeroDivisionError: of 2004" in done.err

    monkeypatch.setenv("LIVEPROOF_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        liveproof("explain", "2004")


@pytest.mark.parametrize(
    ("redirected", "words"), [(">&-", "output is closed"), ("> /dev/full", "No space left")]
)
def test_an_output_that_takes_nothing_is_one_sentence(redirected: str, words: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m liveproof_cli explain 2004 {redirected}"],
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
            "PYTHONPATH": f"{ROOT}/layers:{ROOT}",
        },
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert words in done.stderr


@pytest.mark.parametrize(
    "words",
    ["console --api http://127.0.0.1:9 --port 0", "webhook listen --port 0"],
)
def test_a_server_whose_output_takes_nothing_blames_no_port(words: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m liveproof_cli {words} > /dev/full"],
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
            "PYTHONPATH": f"{ROOT}/layers:{ROOT}",
            "LIVEPROOF_API_KEY": "lp_key",
        },
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "--port" not in done.stderr


def test_two_ids_where_one_is_wanted_are_a_misuse(liveproof: Liveproof, named: Path) -> None:
    done = liveproof("show", "ver_" + "1" * 26, "ver_" + "2" * 26)
    assert done.status == 2
    assert "ver_" + "2" * 26 in done.err


def test_ctrl_c_stops_at_once(tmp_path: Path) -> None:
    fifo = tmp_path / "deployment.json"
    os.mkfifo(fifo)  # a file that nobody writes: reading waits
    with subprocess.Popen(
        [sys.executable, "-m", "liveproof_cli", "list", "--deployment", str(fifo)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}/layers:{ROOT}"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        writer = os.open(fifo, os.O_WRONLY)  # returns once the command reads
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
        os.close(writer)
    assert (running.returncode, out, err) == (130, "", "\nstopped\n")


def test_a_reader_that_has_enough_is_no_error(named: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m liveproof_cli explain 2004 --json | true; "
         "echo ${PIPESTATUS[0]}"],
        env={**os.environ, "PYTHONPATH": f"{ROOT}/layers:{ROOT}"},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
