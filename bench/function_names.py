"""The functions that each cloud's infrastructure code deploys, by their folders in functions/."""

from __future__ import annotations

import re

from bench.figure import BenchError
from tools import ROOT
from tools.packaging.tencent import zips

_HANDLER = re.compile(r"^ +handler: functions/(\w+)/handler\.handler$", re.MULTILINE)


def functions(cloud: str) -> list[str]:
    """In alphabetical order, for `aws` or `tencent`. Raises BenchError if there are none."""
    if cloud == "tencent":
        names = zips.functions()
    else:
        names = _HANDLER.findall((ROOT / "serverless.yml").read_text(encoding="utf-8"))
    if not names:
        raise BenchError(f"no functions are deployed to {cloud}")
    return sorted(names)
