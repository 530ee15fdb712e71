"""Which function tries what, and the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from platform import python_version
from typing import Any

import msgspec
from msgspec import Struct

from liveproof import __version__
from liveproof.clock import now_ms
from liveproof.dependencies import Dependencies
from liveproof.environment_names import PREFIX
from liveproof.self_test import trials, vendors
from liveproof.self_test.code import code_digests, code_table_dates
from liveproof.self_test.exchanges import TrialFailed
from liveproof.self_test.trials import Subject, Trial
from liveproof.settings import SettingsError

_LONGEST_TEXT = 300

TRIALS: Mapping[str, tuple[str, ...]] = {
    "api": (
        "read_store", "write_store", "list_store", "endpoints", "api_keys", "vendor_key", "upload",
        "read_evidence", "start_deliver_result", "start_erase",
    ),
    "create_upload": ("read_store", "write_store", "api_keys", "upload"),
    "create_reflect_sequence": ("api_keys", "vendor_key"),
    "delete_verification": ("read_store", "write_store", "api_keys", "start_erase"),
    "read_verification": ("read_store", "list_store", "endpoints", "api_keys", "read_evidence"),
    "resend_result": (
        "read_store", "write_store", "list_store", "api_keys", "start_deliver_result",
    ),
    "webhooks": ("endpoints", "api_keys", "webhooks", "webhook_key"),
    "verify_upload": (
        "read_store", "write_store", "read_bucket", "start_run_check", "start_deliver_result",
        "start_erase",
    ),
    "run_check": (
        "read_store", "write_store", "read_bucket", "write_evidence", "vendor_key",
        "senseid_key", "vendor", "vendor_clock", "iai", "senseid", "start_run_check",
        "start_deliver_result", "start_erase",
    ),
    "deliver_result": (
        "read_store", "write_store", "endpoints", "webhooks", "webhook_key", "write_evidence",
        "start_deliver_result",
    ),
    "erase": ("read_store", "write_store", "erase_files", "start_deliver_result"),
    "sweep": (
        "due", "write_store", "start_verify_upload", "start_run_check", "start_deliver_result",
        "start_erase", "backlogs",
    ),
}  # fmt: skip
"""What each function tries. It needs no permission that its work does not need."""


_METHODS = {**trials.METHODS, **vendors.METHODS}


class SelfTest(Struct, frozen=True, omit_defaults=True):
    """The result. Times are ms since 1970. Fields with a default are missing in older versions.

    Attributes:
        memory_mb: of the function, on Tencent Cloud; else 0.
        code: the digests of the function's files, by path: `code_digests`.
        code_tables: the dates of the vendors' code tables, by product.
        refused: why the function refuses its settings; it does nothing then.
        settings: LIVEPROOF_ variables of the environment.
    """

    function: str
    version: str
    python: str
    now: int
    time_limit_seconds: float
    settings: dict[str, str]
    refused: str | None = None
    trials: tuple[Trial, ...] = ()
    memory_mb: int = 0
    code: dict[str, str] = {}
    code_tables: dict[str, str] = {}


def self_test(
    function: str,
    time_limit_seconds: float,
    memory_mb: int,
    environment: Mapping[str, str],
    token: str,
    build: Callable[[], Dependencies],
) -> SelfTest:
    """Everything that the function's work needs, tried.

    Args:
        function: its name, without the deployment's prefix.
        time_limit_seconds: what it has for an event.
        memory_mb: see `Invocation`.
        token: 32 hex digits, part of the key of the probe's upload.
        build: makes a bag whose settings and secrets are read anew.
    """
    result = SelfTest(
        function=function,
        version=__version__,
        python=python_version(),
        now=now_ms(),
        time_limit_seconds=time_limit_seconds,
        memory_mb=memory_mb,
        settings={name: value for name, value in environment.items() if name.startswith(PREFIX)},
        code=code_digests(),
        code_tables=code_table_dates(),
    )
    try:
        subject = Subject(function, time_limit_seconds, build(), token)
    except SettingsError as refused:
        return msgspec.structs.replace(result, refused=str(refused))
    tried = tuple(_try(name, subject) for name in TRIALS.get(function, ()))
    return msgspec.structs.replace(result, trials=tried)


def _try(name: str, subject: Subject) -> Trial:
    try:
        return msgspec.structs.replace(_METHODS[name](subject), name=name)
    except Exception as error:  # noqa: BLE001 - a failure is the result
        return Trial(name, failed=_text(error))


def _text(error: Exception) -> str:
    """Only liveproof's own exceptions promise a text that may be shown."""
    own = type(error).__module__.startswith("liveproof.")
    text = f"{type(error).__name__}: {error}" if own else type(error).__name__
    return str(error) if isinstance(error, TrialFailed) else text[:_LONGEST_TEXT]


def document(result: SelfTest) -> dict[str, Any]:
    """What the function answers with."""
    built: dict[str, Any] = msgspec.to_builtins(result)
    return built
