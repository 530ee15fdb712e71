"""What is mutated, and the suites that have to notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A part of the core.

    Attributes:
        path: a package or module below layers/liveproof.
        suites: arguments of pytest; the nearest suite first, since the first failure ends a run.
    """

    path: str
    suites: Sequence[str]


_SQLITE = ("-k", "not mariadb")
_EVERYWHERE = ("tests/test_values.py", "tests/test_md5.py")
_RUN_TIMES = "tests/domain/test_run_times.py"
_KEPT_CONNECTIONS = "tests/clouds/tencent/test_kept_connections.py"
PARTS = (
    Part("domain", ("tests/domain", "tests/api", "tests/use_cases", *_EVERYWHERE)),
    Part("use_cases", ("tests/use_cases", _RUN_TIMES, "tests/api", *_EVERYWHERE)),
    Part("checks", ("tests/checks", "tests/use_cases", *_EVERYWHERE)),
    Part("api", ("tests/api", *_EVERYWHERE)),
    Part(
        "evidence",
        (
            "tests/use_cases/test_sign_evidence.py",
            "tests/use_cases/test_keep_evidence.py",
            "tests/api/test_evidence.py",
            "tests/cli/test_evidence.py",
            *_EVERYWHERE,
        ),
    ),
    Part("webhooks", ("tests/webhooks", "tests/use_cases/test_deliver_result.py", *_EVERYWHERE)),
    Part("vendors", ("tests/vendors", "tests/checks", _KEPT_CONNECTIONS, *_EVERYWHERE)),
    Part("clouds/aws/records.py", ("tests/clouds/aws/test_records.py", *_EVERYWHERE)),
    Part("clouds/aws/quota.py", ("tests/clouds/aws/test_quota.py", *_EVERYWHERE)),
    Part(
        "clouds/aws/api.py",
        (
            "tests/clouds/aws/test_api.py",
            "tests/clouds/aws/test_clients.py",
            "tests/clouds/aws/test_signature.py",
            *_EVERYWHERE,
        ),
    ),
    Part("clouds/tencent/sql", ("tests/clouds/tencent/sql", *_EVERYWHERE, *_SQLITE)),
)

OPERATORS_LEFT_OUT = (
    # `int | None` is no arithmetic, and the core has no other use of it.
    "core/ReplaceBinaryOperator_BitOr_",
    # The same for numbers, strings and members of enumerations.
    "core/ReplaceComparisonOperator_Eq_Is",
    "core/ReplaceComparisonOperator_Is_Eq",
    "core/ReplaceComparisonOperator_IsNot_NotEq",
    "core/ReplaceComparisonOperator_NotEq_IsNot",
)
"""Beginnings of the names of Cosmic Ray's operators that make nothing but equivalent mutants."""
