"""The functions that each cloud's infrastructure code deploys, by their folders in functions/."""

from __future__ import annotations

from bench.figure import BenchError
from tools.packaging.aws import layer
from tools.packaging.tencent import zips


def functions(cloud: str) -> list[str]:
    """In alphabetical order, for `aws` or `tencent`. Raises BenchError if there are none."""
    names = zips.functions() if cloud == "tencent" else layer.functions()
    if not names:
        raise BenchError(f"no functions are deployed to {cloud}")
    return sorted(names)
