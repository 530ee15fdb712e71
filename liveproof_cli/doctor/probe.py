"""A probe: one question to a deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding


@dataclass(frozen=True)
class Probe:
    """One question to a deployment.

    Attributes:
        name: for `--only`.
        asks: the question.
        examine: its findings; whatever it raises is a finding, too.
        clouds: where it can be asked.
    """

    name: str
    asks: str
    examine: Callable[[Examination], Iterable[Finding]]
    clouds: tuple[str, ...] = ("aws", "tencent")

    @property
    def page(self) -> str:
        """What to read about it."""
        return f"docs/doctor.md#{self.name}"
