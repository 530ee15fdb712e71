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


class CodeKind(str, Enum):
    """What a vendor's code means for a verification."""

    PASSED = "passed"
    REJECTED = "rejected"
    BAD_INPUT = "bad_input"
    RETRYABLE = "retryable"
    RATE_LIMITED = "rate_limited"
    OPERATOR_ACTION = "operator_action"


class VendorCode(Struct, frozen=True, rename={"kind": "class"}):
    """One row of a vendor's code table.

    Attributes:
        reason: a code of `data/reasons.json`.
        scored: the answer's score means something; with other codes it is filler.
    """

    kind: CodeKind
    reason: str
    billable: Literal["yes", "no", "unknown"]
    source: str
    scored: bool = False
    note: str | None = None


class ReasonFact(Struct, frozen=True):
    """A reason's decision, and what it says to people."""

    decision: Decision
    message: str


class PixelLimits(Struct, frozen=True):
    """Limits of a picture's sides, in pixels, and of the longer one to the shorter."""

    min_side: int
    max_side: dict[str, int]
    max_ratio: float | None


class InputFacts(Struct, frozen=True):
    """What an input may be.

    Attributes:
        content_types: what may be declared.
        formats: what its magic bytes may say (`liveproof.files.formats`).
        max_bytes: the vendor's limit; None where none is published, so that it is a setting.
        default_max_bytes: the setting's default, where it is one.
    """

    content_types: tuple[str, ...]
    formats: tuple[str, ...]
    max_bytes: int | None
    source: str
    pixels: PixelLimits | None = None
    default_max_bytes: int | None = None


class ApiFacts(Struct, frozen=True):
    """A vendor's API: what it is called, and how often it may be called.

    Attributes:
        service: the product, as the vendor's wire names it.
        regional: whether it takes a region: one of those in which its product is served.
        codes: the product whose code table its answers use.
        action: its name, under which the data has it.
    """

    service: str
    version: str
    regional: bool
    calls_per_second: float
    codes: str
    source: str
    action: str = ""

    @property
    def regions(self) -> tuple[str, ...]:
        """Where it is served; empty for an API that takes no region."""
        places = regions().items() if self.regional else ()
        return tuple(region for region, place in places if self.service in place.vendor)


class RunSeconds(Struct, frozen=True):
    """How long a run of `run_check` usually takes: files to the vendor, wait for a slot, call."""

    relay: float
    wait: float
    call: float
    source: str


class CheckFacts(Struct, frozen=True):
    """What a check needs, and how its score is judged.

    Attributes:
        question: what it answers, for people.
        apis: the APIs that may answer it; the first one by default.
        score: the score's name in webhooks.
        above_threshold_only: a score equal to the threshold does not pass.
        passed, below_threshold: the reasons for a score that passes and for one that does not.
    """

    question: str
    apis: tuple[str, ...]
    usual_run_seconds: RunSeconds
    score: str
    threshold: float
    threshold_max: float
    passed: str
    below_threshold: str
    source: str
    inputs: dict[str, InputFacts]
    above_threshold_only: bool = False

    @property
    def default_calls_per_second(self) -> float:
        """The vendor's limit; the lowest one where several APIs may answer."""
        return min(apis()[action].calls_per_second for action in self.apis)


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


class CodeTable(Struct, frozen=True):
    """The codes of one product, whose numbers may clash with another's.

    Attributes:
        product: what its vendor calls it.
        title: the heading of the table, for people.
        where: which answers have these codes.
    """

    product: str
    title: str
    where: str
    date: str
    codes: dict[str, VendorCode]


class _ReasonsFile(Struct, frozen=True):
    reasons: dict[str, ReasonFact]


class _ChecksFile(Struct, frozen=True):
    apis: dict[str, ApiFacts]
    checks: dict[str, CheckFacts]


class Region(Struct, frozen=True):
    """A place, under the name that Tencent Cloud gives it.

    Attributes:
        place: the city or area, for people.
        vendor: the products that are served there.
        aws: the AWS region in the same place.
        functions: whether Tencent Cloud is known to run functions there.
        aws_opt_in: an AWS account has to enable that region first.
        nearest_functions: without functions there, the region whose functions call the vendor.
    """

    place: str
    vendor: tuple[str, ...]
    aws: str | None
    functions: bool
    aws_opt_in: bool = False
    nearest_functions: str | None = None


class _RegionsFile(Struct, frozen=True):
    regions: dict[str, Region]


PRODUCTS = ("faceid", "iai", "senseid", "saas")
"""Products with a code table, `data/codes/<product>.json`."""


def _read(name: str, kind: type[_T]) -> _T:
    return msgspec.json.decode((_DATA / name).read_bytes(), type=kind)


@cache
def code_table(product: str) -> CodeTable:
    """Every known code of a product of `PRODUCTS`, from either result channel."""
    return _read(f"codes/{product}.json", CodeTable)


@cache
def reasons() -> dict[str, ReasonFact]:
    """Every reason of a decision."""
    return _read("reasons.json", _ReasonsFile).reasons


@cache
def _checks_file() -> _ChecksFile:
    return _read("checks.json", _ChecksFile)


def checks() -> dict[str, CheckFacts]:
    """Every check by its name."""
    return _checks_file().checks


def default_calls_per_second() -> dict[str, float]:
    """The rate at which each check's paid API is called unless a setting says another."""
    return {name: check.default_calls_per_second for name, check in checks().items()}


def default_max_bytes() -> dict[str, int]:
    """Our own limits, by `CHECK.INPUT`, for inputs of which the vendor documents none."""
    return {
        f"{check}.{name}": input_facts.default_max_bytes
        for check, facts in checks().items()
        for name, input_facts in facts.inputs.items()
        if input_facts.default_max_bytes is not None
    }


@cache
def apis() -> dict[str, ApiFacts]:
    """Every API that a check may call, by its action."""
    return {
        action: msgspec.structs.replace(api, action=action)
        for action, api in _checks_file().apis.items()
    }


@cache
def webhook_schedule() -> WebhookSchedule:
    """The schedule of webhook attempts."""
    return _read("webhook_schedule.json", WebhookSchedule)


@cache
def refused_addresses() -> RefusedAddresses:
    """Where no webhook goes."""
    return _read("refused_addresses.json", RefusedAddresses)


@cache
def regions() -> dict[str, Region]:
    """Every region of the vendor and of Tencent Cloud, by its name there."""
    return _read("regions.json", _RegionsFile).regions


def scf_regions() -> tuple[str, ...]:
    """The regions in which Tencent Cloud is known to run functions."""
    return tuple(name for name, region in regions().items() if region.functions)


def aws_regions() -> dict[str, str]:
    """The vendor's region in the same place as an AWS region, for each that has one."""
    return {region.aws: name for name, region in regions().items() if region.aws}


def vendor_region_beside(cloud: str, region: str) -> str | None:
    """The vendor's region in the same place as a region of `aws` or `tencent`; None without one."""
    beside = region if cloud == "tencent" else aws_regions().get(region)
    return beside if beside in vendor_regions() else None


def vendor_regions() -> tuple[str, ...]:
    """The regions in which at least one product of the vendor is served."""
    return tuple(name for name, region in regions().items() if region.vendor)
