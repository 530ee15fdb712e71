"""On the local AWS, as on AWS, an invocation outlives a change of its function."""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

from tools.local.aws import ministack

HANDLER = """
import os, pathlib, time

def handle(event, context):
    pathlib.Path(event["begun"]).touch()
    while not pathlib.Path(event["end"]).exists():
        time.sleep(0.02)
    return os.environ["VARIABLE"]
"""

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"},
            }
        ],
    }
)


def a_function(aws: ministack.LocalAws, name: str) -> Any:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as made:
        made.writestr("handler.py", HANDLER)
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"][
        "Arn"
    ]
    functions = aws.client("lambda")
    functions.create_function(
        FunctionName=name, Runtime="python3.13", Handler="handler.handle", Timeout=60,
        Role=role, Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"VARIABLE": "before"}},
    )  # fmt: skip
    return functions


class Invocation:
    """An invocation that has begun and does not end before it is told to."""

    def __init__(self, functions: Any, name: str, folder: Path) -> None:
        begun, self._end = folder / "begun", folder / "end"
        self._event = json.dumps({"begun": str(begun), "end": str(self._end)}).encode()
        self._functions, self._name = functions, name
        self._answer: Any = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        while not begun.exists():
            time.sleep(0.02)

    def _run(self) -> None:
        answer = self._functions.invoke(FunctionName=self._name, Payload=self._event)
        self._answer = json.loads(answer["Payload"].read())

    def end(self) -> Any:
        self._end.touch()
        self._thread.join(30)
        return self._answer


def test_an_invocation_outlives_a_change_and_the_next_one_sees_it(
    aws: ministack.LocalAws, tmp_path: Path
) -> None:
    functions = a_function(aws, "changed")
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    running = Invocation(functions, "changed", before)
    functions.update_function_configuration(
        FunctionName="changed", Environment={"Variables": {"VARIABLE": "after"}}
    )

    assert Invocation(functions, "changed", after).end() == "after"
    assert running.end() == "before"
