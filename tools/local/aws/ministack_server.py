"""MiniStack's server with S3's refusals before it: what `tools.local.aws.ministack` starts.

MiniStack's `main` serves what its module calls `app` at that time; a test holds it to that.
"""

from __future__ import annotations

import importlib
from typing import Any

from tools.local.aws.s3_refusals import S3Refusals

if __name__ == "__main__":
    ministack: Any = importlib.import_module("ministack.app")
    ministack.app = S3Refusals(ministack.app)
    ministack.main()
