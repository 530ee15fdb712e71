"""`liveproof console`, which serves a deployment's console."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.support.console import ask
from tools import ROOT
from tools.console.server import Address

KEY = "lp_theKeyOfTheEnvironment"


def command(*arguments: str, key: str = KEY) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "liveproof_cli", "console", *arguments],
        cwd=ROOT,
        env={**os.environ, "LIVEPROOF_API_KEY": key},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_serves_the_page_with_the_key_of_the_environment_until_a_signal() -> None:
    with command("--api", "http://127.0.0.1:9", "--port", "0", "--json") as started:
        assert started.stdout
        line = json.loads(started.stdout.readline())
        url, token = line["console"].split("/#token=")
        setup = json.loads(ask(Address(url, token), "GET", "/api/setup").body)
        started.send_signal(signal.SIGINT)
        out, error = started.communicate(timeout=60)
    assert line["origin"] == url
    assert (setup["clients"], setup["local"]) == (["client"], None)
    assert started.returncode == 0
    assert KEY not in json.dumps([line, setup, out, error])


@pytest.mark.parametrize(
    ("api", "key", "why"),
    [
        ("http://api.example", KEY, "https://"),
        ("ftp://127.0.0.1", KEY, "https://"),
        ("https://user:pass@api.example", KEY, "without user"),
        ("https://api.example?x=1", KEY, "without user"),
        ("https://api.example", "lp_key with spaces", "ASCII"),
    ],
)
def test_unusable_arguments_are_refused_before_it_listens(api: str, key: str, why: str) -> None:
    with command("--api", api, "--port", "0", key=key) as started:
        _, error = started.communicate(timeout=60)
    assert started.returncode == 2
    assert why in error
    assert key not in error
