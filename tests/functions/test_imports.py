"""What a cold start pays for: handlers import no SDK before it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.lambdas import FUNCTIONS

ROOT = Path(__file__).parents[2]
HEAVY = (
    "boto3",
    "tencentcloud.common.abstract_client",
    "requests",
    "moto",
    "urllib3.connectionpool",
    "pymysql",
    "cryptography",
    "liveproof.traces",
)


def imported(function: str, cloud: str, names: tuple[str, ...]) -> str:
    """Which of the modules a fresh interpreter has after importing a handler, as a list's text."""
    code = (
        f"import sys, functions.{function}.handler\n"
        f"print([name for name in {names!r} if name in sys.modules])"
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
    return done.stdout.strip()


@pytest.mark.parametrize("cloud", ["aws", "tencent"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_importing_a_handler_imports_no_sdk(function: str, cloud: str) -> None:
    assert imported(function, cloud, HEAVY) == "[]"


@pytest.mark.parametrize("cloud", ["aws", "tencent"])
@pytest.mark.parametrize(
    ("function", "needless"),
    [
        ("create_upload", ["liveproof.webhooks.sender", "liveproof.use_cases.run_check"]),
        ("verify_upload", ["liveproof.api.routes", "liveproof.webhooks.sender"]),
        ("run_check", ["liveproof.api.routes", "liveproof.webhooks.sender"]),
    ],
)
def test_a_function_imports_only_its_own_half(
    function: str, cloud: str, needless: list[str]
) -> None:
    assert imported(function, cloud, tuple(needless)) == "[]"


@pytest.mark.parametrize("cloud", ["aws", "tencent"])
def test_the_function_that_sends_imports_the_sender_before_its_first_event(cloud: str) -> None:
    sender = "liveproof.webhooks.sender"

    assert imported("deliver_result", cloud, (sender,)) == f"['{sender}']"


def test_every_function_is_known_here() -> None:
    assert tuple(sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))) == (
        FUNCTIONS
    )
