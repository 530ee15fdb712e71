"""MiniStack as the local cloud starts it, and functions for it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from tools.local.aws import ministack

Deploy: TypeAlias = Callable[[str, str], Any]

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


@pytest.fixture(scope="package")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ministack.LocalAws]:
    log = tmp_path_factory.mktemp("ministack") / "ministack.log"
    with ministack.run_ministack("ap-southeast-1", log, log.with_name("functions.log")) as running:
        yield running


@pytest.fixture
def deploy(aws: ministack.LocalAws) -> Deploy:
    """Deploys the source of a module with a function `handle`; a client for Lambda."""

    def deployed(name: str, source: str) -> Any:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as made:
            made.writestr("handler.py", source)
        role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]
        functions = aws.client("lambda")
        functions.create_function(
            FunctionName=name, Runtime="python3.13", Handler="handler.handle", Timeout=60,
            Role=role["Arn"], Code={"ZipFile": code.getvalue()},
            Environment={"Variables": {"VARIABLE": "before"}},
        )  # fmt: skip
        return functions

    return deployed
