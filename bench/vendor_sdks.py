"""The vendor's own SDKs, as a team that uses them would have them: locked, with bytecode."""

from __future__ import annotations

from pathlib import Path

from tools import ROOT
from tools.packaging import wheels

_LOCKS = ROOT / "requirements"


def tencent() -> Path:
    """The tree of cos-python-sdk-v5 and tencentcloud-sdk-python-common, nothing else needed.

    Installed once. Raises ToolError if that fails.
    """
    return wheels.install(_LOCKS / "sdk-cos.txt", wheels.Target("sdk-cos"))
