"""The deployed Pythons, Tencent Cloud's and Lambda's: what runs here runs there.

Both interpreters compile the deployed code. Each gets its own environment with the locked
packages, and runs the suites that can differ by interpreter: those of the core's modules that
import what changed between versions, and those of the one cloud that runs on it. An interpreter
that is not there is named in the skip's reason.

The other suites are of code whose result follows from the language alone (states, decisions, bytes
of files): the gate's own interpreter has run them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import environments
from tools.packaging.wheels import interpreter

ROOT = Path(__file__).parent.parent
CORE = (
    # Every deployed module is imported: typing, enums, datetime, logging, and msgspec's reading of
    # them.
    "tests/functions/test_imports.py",
    "tests/functions/test_step_functions.py",
    # ssl, http.client, socket, ipaddress, urllib.parse, email.utils: what they accept changed.
    "tests/outbound",
    "tests/webhooks",
    "tests/vendors/test_api.py",
    "tests/vendors/test_relay.py",
    "tests/vendors/test_senseid.py",
    "tests/api/test_authentication.py",
    "tests/api/test_create.py",
    "tests/api/test_list.py",
    "tests/api/test_routes.py",
)
# With a verification that passes through the cloud's handlers.
OF_CLOUDS = {
    "tencent": (
        "tests/functions/test_whole_path_tencent.py",
        # sqlite3 and the XML parser.
        "tests/clouds/tencent",
    ),
    "aws": (
        "tests/functions/test_whole_path_aws.py",
        # http.client and urllib.parse.
        "tests/clouds/aws/test_api.py",
        "tests/clouds/aws/test_events.py",
        "tests/clouds/aws/test_http.py",
    ),
}
RUNTIMES = {"3.10": "tencent", "3.13": "aws"}
# Seconds are no matter of the interpreter, nor is how many bytes a text has, nor what JavaScript
# makes of it. A database server and the vendor's SDK are the same for each; test_connections and
# test_mysql_tls hold the sockets and TLS that lead to a server, test_records the statements.
OPTIONS = (
    "-k", "not mariadb and not sdk and not javascript and not only_characters_above_127_differ"
    " and not test_whatever_can_be_created_and_answered_fits",
    *(f"--ignore=tests/clouds/tencent/{name}.py" for name in (
        "sql/test_admission", "sql/test_admission_interleavings", "sql/test_endpoints",
        "sql/test_lost_answers", "sql/test_quota", "test_replaced_uploads", "test_steps",
    )),
)  # fmt: skip
# The large ones of the gate's packages that these suites have no use for.
_NEVER_IMPORTED = (
    "cfn-lint", "mpmath", "mypy", "networkx", "ruff", "sqlalchemy", "sympy",
    "vl-convert-python",
)  # fmt: skip
_OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"

PATHS = f"{ROOT / 'layers'}:{ROOT}:{ROOT / 'clients/python/src'}"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": PATHS}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, env=environment, cwd=ROOT
    )


@pytest.mark.parametrize("version", RUNTIMES)
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
@pytest.mark.parametrize("version", RUNTIMES)
def test_the_suites_that_can_differ_pass(version: str) -> None:
    if version == _OWN:
        pytest.skip(f"python{version} runs the whole gate")
    python = interpreter(version)
    if python is None:
        pytest.skip(f"NOT RUN: there is no python{version} here")
    program = environments.venv("dev", interpreter=python, version=version, without=_NEVER_IMPORTED)
    suites = (*CORE, *OF_CLOUDS[RUNTIMES[version]])
    done = run(str(program), "-m", "pytest", "-q", "-p", "no:cacheprovider", *OPTIONS, *suites)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def test_the_runtimes_are_those_that_are_deployed_and_every_suite_is_there() -> None:
    functions = json.loads((ROOT / "infra" / "tencent" / "functions.json").read_text("utf-8"))
    lambdas = re.findall(r"^  runtime: python(\S+)$", (ROOT / "serverless.yml").read_text(), re.M)
    deployed = {functions["runtime"].removeprefix("Python"): "tencent"}
    assert deployed | dict.fromkeys(lambdas, "aws") == RUNTIMES
    left_out = [option.partition("=")[2] for option in OPTIONS if "=" in option]
    paths = [*CORE, *OF_CLOUDS["aws"], *OF_CLOUDS["tencent"], *left_out]
    assert [path for path in paths if not (ROOT / path).exists()] == []
