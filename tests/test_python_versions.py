"""The oldest and the deployed Python: what runs here runs there.

Every interpreter that is found compiles the deployed code, gets an environment of its own with the
locked packages, and runs the suites that can differ by interpreter. An interpreter that is not
there is named in the skip's reason.

The other suites are of code whose result follows from the language alone (states, decisions, bytes
of files): the gate's own interpreter has run them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import environments
from tools.packaging.wheels import interpreter

ROOT = Path(__file__).parent.parent
VERSIONS = ("3.10", "3.13")
SUITES = (
    # Every deployed module is imported, and verifications pass on both clouds: typing, enums,
    # datetime, logging, and msgspec's reading of them.
    "tests/functions",
    # ssl, http.client, socket, ipaddress, urllib.parse, email.utils: what they accept changed.
    "tests/outbound",
    "tests/webhooks",
    "tests/vendors/test_api.py",
    "tests/vendors/test_relay.py",
    "tests/vendors/test_senseid.py",
    "tests/api/test_routes.py",
    # sqlite3 and the XML parser.
    "tests/clouds/tencent",
)
# Seconds are no matter of the interpreter. A database server and the vendor's SDK are the same for
# each; test_connections and test_mysql_tls hold the sockets and TLS that lead to a server.
OPTIONS = (
    "-k", "not mariadb and not sdk",
    "--ignore", "tests/clouds/tencent/sql/test_lost_answers.py",
    "--ignore", "tests/functions/test_cold_start.py",
)  # fmt: skip
_OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'layers'}:{ROOT}"}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, env=environment, cwd=ROOT
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_the_deployed_code_compiles_without_a_warning(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"NOT RUN: there is no python{version} here")
    code = (
        "import pathlib, sys, warnings; warnings.simplefilter('error')\n"
        "paths = [p for d in sys.argv[1:] for p in pathlib.Path(d).rglob('*.py')]\n"
        "[compile(p.read_text('utf-8'), str(p), 'exec') for p in paths]; print(len(paths))"
    )
    done = run(python, "-c", code, "layers", "functions")

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 50


@pytest.mark.takes_a_minute
@pytest.mark.parametrize("version", VERSIONS)
def test_the_suites_that_can_differ_pass(version: str) -> None:
    if version == _OWN:
        pytest.skip(f"python{version} runs the whole gate")
    python = interpreter(version)
    if python is None:
        pytest.skip(f"NOT RUN: there is no python{version} here")
    program = environments.venv("dev", "--quiet", interpreter=python, version=version)
    done = run(str(program), "-m", "pytest", "-q", "-p", "no:cacheprovider", *OPTIONS, *SUITES)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
