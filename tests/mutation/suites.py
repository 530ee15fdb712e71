"""What is mutated, and the suites that have to notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A part of the core.

    Attributes:
        path: a package or module below layers/liveproof.
        suites: arguments of pytest.
    """

    path: str
    suites: Sequence[str]


_CORE = (
    "tests/domain",
    "tests/use_cases",
    "tests/api",
    "tests/checks",
    "tests/webhooks",
    "tests/vendors",
    "tests/cli/test_erase.py",
    "tests/cli/test_evidence.py",
    "tests/cli/test_interventions.py",
    "tests/cli/test_ledger_export.py",
    "tests/cli/test_redo.py",
    "tests/cli/test_resend.py",
    "tests/clouds/tencent/test_kept_connections.py",
    "tests/docs/test_generated.py::test_a_generated_page_is_what_the_code_says[docs/openapi.json]",
    "tests/test_values.py",
    "tests/test_md5.py",
    "--ignore=tests/api/test_cost.py",  # compares times, which other work on the machine changes
)
_TENCENT_SQL = ("tests/clouds/tencent/sql", "tests/test_values.py", "-k", "not mariadb")
_AWS_API = tuple(
    f"tests/clouds/aws/test_{name}.py"
    for name in ("api", "calls_made_once", "clients", "signature")
)
PARTS = (
    Part("domain", _CORE),
    Part("use_cases", _CORE),
    Part("checks", _CORE),
    Part("api", _CORE),
    Part("evidence", _CORE),
    Part("webhooks", _CORE),
    Part("vendors", _CORE),
    Part("clouds/aws/records.py", ("tests/clouds/aws/test_records.py",)),
    Part("clouds/aws/quota.py", ("tests/clouds/aws/test_quota.py",)),
    Part("clouds/aws/api.py", _AWS_API),
    Part("clouds/tencent/sql", _TENCENT_SQL),
)


def part_of(path: str) -> Part:
    """The part that a package or module below layers/liveproof is in. ValueError: in none."""
    for part in PARTS:
        if f"{path}/".startswith(f"{part.path}/"):
            return part
    raise ValueError(f"{path} is in no part")


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

EVERYWHERE = ("tests/test_values.py", "tests/docs/test_generated.py")
"""Suites that look at every module without running a line of it, or at what all of them declare."""
