"""The local cloud: deploys what `serverless.yml` compiles to, runs it, plays demos against it.

`python -m local up|demo|package`. Only `local.aws.ministack` knows the local AWS by name.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
