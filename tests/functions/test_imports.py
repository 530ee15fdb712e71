"""What a cold start pays for: handlers import no SDK before it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.lambdas import FUNCTIONS

ROOT = Path(__file__).parents[2]
HEAVY = ("boto3", "tencentcloud", "requests", "moto", "urllib3.connectionpool", "pymysql")


@pytest.mark.parametrize("cloud", ["aws", "tencent"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_importing_a_handler_imports_no_sdk(function: str, cloud: str) -> None:
    code = (
        f"import sys, functions.{function}.handler\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={
            "LIVEPROOF_CLOUD": cloud,
            "PYTHONPATH": f"{ROOT / 'layers'}:{ROOT}",
            "POWERTOOLS_SERVICE_NAME": "liveproof",
            "POWERTOOLS_METRICS_NAMESPACE": "liveproof",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_every_function_is_known_here() -> None:
    assert tuple(sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))) == (
        FUNCTIONS
    )
