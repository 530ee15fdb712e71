"""MiniStack's server with what it lacks; `tools.local.aws.ministack` starts it.

MiniStack's `main` serves what its module calls `app` at that time; a test holds it to that.
"""

from __future__ import annotations

import importlib
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from tools.local.aws import changed_functions, fair_queues, function_logs, kept_zips
from tools.local.aws.s3_refusals import CorsHeaders, S3Refusals


def _cors_headers(ministack: Any, s3: Any) -> CorsHeaders:
    """By the bucket's rule, as MiniStack adds them to its own answers."""

    def headers(scope: dict[str, Any]) -> dict[str, str]:
        sent = {name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in scope["headers"]}  # fmt: skip
        target = ministack._s3_cors_target(sent.get("host", ""), scope["path"])
        if target is None:
            return {}
        added: dict[str, str] = s3.cors_response_headers(target[0], scope["method"], sent)
        return added

    return headers


if __name__ == "__main__":
    parser = ArgumentParser()
    parser.add_argument("--function-logs", type=Path, help="a file, written anew")
    log = parser.parse_args().function_logs
    del sys.argv[1:]  # MiniStack has arguments of its own
    fair_queues.play(importlib.import_module("ministack.services.sqs"))
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    kept_zips.play(runtime)
    changed_functions.play(runtime)
    if log is not None:
        logs = function_logs.FunctionLogs(log)
        function_logs.play(importlib.import_module("ministack.services.lambda_svc"), logs)
    ministack: Any = importlib.import_module("ministack.app")
    cors_headers = _cors_headers(ministack, importlib.import_module("ministack.services.s3"))
    ministack.app = S3Refusals(ministack.app, cors_headers)
    ministack.main()
