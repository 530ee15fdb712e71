"""Facts as data: codes, limits, reasons, schedules. Each file of `data/` names its source."""

from __future__ import annotations

from enum import Enum
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from liveproof.domain.verification import Decision

_DATA = Path(__file__).parent / "data"
_T = TypeVar("_T")


class CodeClass(str, Enum):
    """What a vendor's code means for a verification."""

    PASSED = "passed"
    REJECTED = "rejected"
    BAD_INPUT = "bad_input"
    RETRYABLE = "retryable"
    RATE_LIMITED = "rate_limited"
    OPERATOR_ACTION = "operator_action"


class VendorCode(Struct, frozen=True, rename={"class_": "class"}):
    """One row of a vendor's code table.

    Attributes:
        reason: a code of `data/reasons.json`.
        scored: the answer's score means something; with other codes it is filler.
    """

    class_: CodeClass
    reason: str
    billable: Literal["yes", "no", "unknown"]
    source: str
    scored: bool = False


class ReasonFact(Struct, frozen=True):
    """A reason's decision, and what it says to people."""

    decision: Decision
    message: str


class InputFacts(Struct, frozen=True):
    """What an input may be: declared content types, and formats by magic bytes."""

    content_types: tuple[str, ...]
    formats: tuple[str, ...]
    source: str


class CheckFacts(Struct, frozen=True):
    """What a check calls, where, how often and with which inputs."""

    service: str
    version: str
    action: str
    regions: tuple[str, ...]
    calls_per_second: float
    threshold: float
    source: str
    inputs: dict[str, InputFacts]


class WebhookSchedule(Struct, frozen=True):
    """When attempts are made and how long one may take. Times in seconds."""

    delays_seconds: tuple[int, ...]
    jitter: float
    connect_timeout_seconds: float
    total_timeout_seconds: float
    response_bytes_read: int


class RefusedAddresses(Struct, frozen=True):
    """Networks that no webhook is sent to, each with its purpose."""

    ipv4_refused: dict[str, str]
    ipv6_allowed: str
    ipv6_refused: dict[str, str]


class _CodesFile(Struct, frozen=True):
    codes: dict[str, VendorCode]


class _ReasonsFile(Struct, frozen=True):
    reasons: dict[str, ReasonFact]


class _ChecksFile(Struct, frozen=True):
    checks: dict[str, CheckFacts]


def _read(name: str, kind: type[_T]) -> _T:
    return msgspec.json.decode((_DATA / name).read_bytes(), type=kind)


@cache
def faceid_codes() -> dict[str, VendorCode]:
    """Every known code of Tencent Face ID, from either result channel."""
    return _read("faceid_codes.json", _CodesFile).codes


@cache
def reasons() -> dict[str, ReasonFact]:
    """Every reason of a decision."""
    return _read("reasons.json", _ReasonsFile).reasons


@cache
def checks() -> dict[str, CheckFacts]:
    """Every check by its name."""
    return _read("checks.json", _ChecksFile).checks


@cache
def webhook_schedule() -> WebhookSchedule:
    """The schedule of webhook attempts."""
    return _read("webhook_schedule.json", WebhookSchedule)


@cache
def refused_addresses() -> RefusedAddresses:
    """Where no webhook goes."""
    return _read("refused_addresses.json", RefusedAddresses)


def vendor_regions() -> tuple[str, ...]:
    """The regions in which every check is served."""
    served = [set(check.regions) for check in checks().values()]
    common = set.intersection(*served)
    return tuple(region for region in next(iter(checks().values())).regions if region in common)
