"""Children end with their block, whatever they or we do."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tools import ROOT, processes
from tools.processes import Child, ToolError

PARENT_OF_A_STUBBORN_CHILD = """
import signal, subprocess, sys, time
code = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('up'); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


PARENT_THAT_USES_CHILD = """
import os, sys, time
from pathlib import Path
from tools.processes import Child
sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
child = Child("it", sleeps, Path("it.log"), os.environ)
print(child.process.pid, flush=True)
time.sleep(60)
"""


def child(tmp_path: Path, code: str, *, grace: float = 10.0) -> Child:
    command = [sys.executable, "-u", "-c", code]
    log = tmp_path / "child.log"
    return Child("child", command, log, dict(os.environ), read_stdout=True, grace=grace)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def ends_soon(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_leaving_the_block_stops_a_childs_children_even_those_that_ignore_sigterm(
    tmp_path: Path,
) -> None:
    with child(tmp_path, PARENT_OF_A_STUBBORN_CHILD) as running:
        grandchild = int(running.first_line(30))
        assert alive(grandchild)
    assert running.process.poll() is not None
    assert ends_soon(grandchild)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_children_end_even_if_we_are_killed(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PARENT_THAT_USES_CHILD]
    with Child("parent", command, tmp_path / "log", environment, tmp_path, read_stdout=True) as us:
        grandchild = int(us.first_line(30))
        assert alive(grandchild)
        os.kill(us.process.pid, signal.SIGKILL)
        assert ends_soon(grandchild)


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('up'); time.sleep(60)"
    with child(tmp_path, code, grace=0.2) as running:
        running.first_line(30)
    assert running.process.poll() == -signal.SIGKILL
    assert "killed" in capsys.readouterr().err


def test_a_child_is_stopped_when_the_block_fails(tmp_path: Path) -> None:
    running = child(tmp_path, "import time; print('up'); time.sleep(60)")

    def fail() -> None:
        with running:
            running.first_line(30)
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        fail()
    assert running.process.poll() == -signal.SIGTERM


def test_a_child_that_ends_early_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    code = "import sys; sys.exit('cannot bind the port')"
    with (
        pytest.raises(ToolError, match="cannot bind the port"),
        child(tmp_path, code) as running,
    ):
        running.first_line(30)


def test_a_program_that_fails_or_takes_too_long_is_reported(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    environment = dict(os.environ)
    fails = [sys.executable, "-c", "import sys; sys.exit(3)"]
    with pytest.raises(ToolError, match="failed with 3"):
        processes.run("it", fails, log, environment, tmp_path, 30)
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(ToolError, match="took longer than"):
        processes.run("it", sleeps, log, environment, tmp_path, 0.3)


def test_children_see_no_account_and_no_setting_of_the_callers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "LIVEPROOF_REGION", "PYTHONPATH"):
        monkeypatch.setenv(name, "the caller's")
    assert "the caller's" not in processes.clean_environment().values()
    assert processes.clean_environment({"AWS_REGION": "x"})["AWS_REGION"] == "x"


def test_a_program_that_keeps_nothing_is_killed_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('up'); time.sleep(60)"
    with child(tmp_path, code, grace=0) as running:
        running.first_line(30)
    assert running.process.poll() == -signal.SIGKILL
    assert capsys.readouterr().err == ""


def test_a_folder_is_gone_at_once_and_removed_in_the_background(tmp_path: Path) -> None:
    folder = tmp_path / "-it's a folder"
    (folder / "within").mkdir(parents=True)
    (folder / "within" / "file").write_text("x")
    processes.remove(folder)
    assert not folder.exists()
    deadline = time.monotonic() + 30
    while list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(tmp_path.iterdir()) == []
    processes.remove(folder)  # nothing to do
