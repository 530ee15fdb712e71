"""MiniStack's server with what it lacks of S3 and SQS: what `tools.local.aws.ministack` starts.

MiniStack's `main` serves what its module calls `app` at that time; a test holds it to that.
"""

from __future__ import annotations

import importlib
from typing import Any

from tools.local.aws import fair_queues, kept_zips
from tools.local.aws.s3_refusals import S3Refusals

if __name__ == "__main__":
    fair_queues.play(importlib.import_module("ministack.services.sqs"))
    kept_zips.play(importlib.import_module("ministack.core.lambda_runtime"))
    ministack: Any = importlib.import_module("ministack.app")
    ministack.app = S3Refusals(ministack.app)
    ministack.main()
