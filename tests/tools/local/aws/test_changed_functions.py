"""On the local AWS, as on AWS, an invocation outlives a change of its function."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from tests.tools.local.aws.conftest import Deploy

HANDLER = """
import os, pathlib, time

def handle(event, context):
    pathlib.Path(event["begun"]).touch()
    while not pathlib.Path(event["end"]).exists():
        time.sleep(0.02)
    return os.environ["VARIABLE"]
"""


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
    deploy: Deploy, tmp_path: Path
) -> None:
    functions = deploy("changed", HANDLER)
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    running = Invocation(functions, "changed", before)
    functions.update_function_configuration(
        FunctionName="changed", Environment={"Variables": {"VARIABLE": "after"}}
    )

    assert Invocation(functions, "changed", after).end() == "after"
    assert running.end() == "before"
