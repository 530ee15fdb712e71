"""What conftest.py does with the whole suite."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from _pytest.assertion.rewrite import AssertionRewritingHook

from tests.conftest import SECOND_LOCAL_AWS
from tests.support import records_contract

ROOT = Path(__file__).parents[1]
OPTIONS = ("-q", "-n2", "--dist=loadgroup", "-pno:cacheprovider", "-ojunit_family=xunit1")
PROPERTY = re.compile(r'name="ran" value="(\w+) (\d+)"')

TESTS = """
import os
import pytest

@pytest.fixture(params=["aws", "tencent"])
def local_cloud(request):
    return request.param

@pytest.fixture(scope="module")
def shared():
    pass

@pytest.fixture
def through_another(shared):
    pass

@pytest.mark.parametrize("number", range(8))
def test_of_a_local_cloud(local_cloud, number, record_property):
    record_property("ran", f"{local_cloud} {os.getpid()}")

@pytest.mark.parametrize("number", range(8))
def test_with_a_fixture_of_the_module(through_another, number, record_property):
    record_property("ran", f"module {os.getpid()}")
"""


def test_shared_set_up_runs_in_one_process(tmp_path: Path) -> None:
    # A cloud takes long to start. A pin as well: the mark counts for nothing if pytest no longer
    # reads the name that pytest-xdist writes, as in pytest 9.2.
    (tmp_path / "test_some.py").write_text(TESTS, "utf-8")
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import pytest_collection_modifyitems\n", "utf-8"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    report = tmp_path / "report.xml"
    subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, f"--junitxml={report}"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        timeout=120,
    )
    ran = PROPERTY.findall(report.read_text("utf-8"))
    assert len(ran) == 24
    assert len(set(ran)) == 3, "a cloud or a module, and the process that ran all its tests"


def test_an_assertion_of_tests_support_says_what_it_compared() -> None:
    assert isinstance(records_contract.__loader__, AssertionRewritingHook)


def test_the_files_with_a_local_aws_of_their_own_are_there() -> None:
    assert [name for name in SECOND_LOCAL_AWS if not (ROOT / "tests" / name).exists()] == []


INTERRUPTED = """
import signal
import subprocess
import sys

SLEEPS = "import time; print('begun', flush=True); time.sleep(60)"

def test_a_process_that_it_starts():
    with subprocess.Popen([sys.executable, "-c", SLEEPS], stdout=subprocess.PIPE) as started:
        started.stdout.readline()
        started.send_signal(signal.SIGINT)
        try:
            assert started.wait(20) == -signal.SIGINT
        finally:
            started.kill()
"""


def test_ctrl_c_reaches_what_tests_start_although_a_shell_runs_them_in_its_background(
    tmp_path: Path,
) -> None:
    (tmp_path / "test_some.py").write_text(INTERRUPTED, "utf-8")
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import pytest_sessionstart\n", "utf-8"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-n1", "-pno:cacheprovider"]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        signal.signal(signal.SIGINT, before)

    assert done.returncode == 0, done.stdout
