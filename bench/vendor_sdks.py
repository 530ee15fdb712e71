"""The vendor's own SDKs, as a team that uses them would have them: locked, with bytecode."""

from __future__ import annotations

from pathlib import Path

from tools import ROOT
from tools.packaging import wheels

_LOCKS = ROOT / "requirements"


def tencent() -> tuple[Path, ...]:
    """The import path of cos-python-sdk-v5 and tencentcloud-sdk-python-common, nothing else needed.

    Installed once. Raises ToolError if that fails.
    """
    cos = wheels.install(_LOCKS / "sdk-cos.txt", wheels.Target("sdk-cos"))
    return (cos, functions())


def functions() -> Path:
    """What the functions on SCF are made of; among it tencentcloud-sdk-python-common."""
    return wheels.install(_LOCKS / "scf.txt", wheels.Target("scf-local"))
