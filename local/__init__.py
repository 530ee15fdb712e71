"""The local cloud: deploys what `serverless.yml` compiles to, runs it, and plays demos against it.

`python -m local up|demo|package`; see each module. Only `local.ministack` knows the local AWS by name.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
