"""The local AWS writes what functions log into one file."""

from __future__ import annotations

import re

from tests.tools.local.aws.conftest import Deploy
from tools.local.aws import ministack

HANDLER = """
import sys

def handle(event, context):
    print("printed")
    print("an error\\nof two lines", file=sys.stderr)
    if event == "raise":
        raise ValueError("raised")
"""


def test_each_line_has_its_function_and_the_last_one_its_duration(
    aws: ministack.LocalAws, deploy: Deploy
) -> None:
    functions = deploy("liveproof-local-logged", HANDLER)
    functions.invoke(FunctionName="liveproof-local-logged", Payload=b"{}")
    functions.invoke(FunctionName="liveproof-local-logged", Payload=b'"raise"')

    lines = (aws.log.parent / "functions.log").read_text("utf-8").splitlines()
    logged = [line.removeprefix("logged  ") for line in lines if line.startswith("logged  ")]
    assert logged[:3] == ["printed", "an error", "of two lines"]
    assert re.fullmatch(r"REPORT RequestId: [0-9a-f-]+\tDuration: \d+ ms", logged[3])
    assert any("ValueError" in line or "raised" in line for line in logged[4:-1])
    assert logged[-1].startswith("REPORT")
