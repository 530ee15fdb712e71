"""A missing toolchain is named, and is a failure in CI."""

from __future__ import annotations

import pytest

from tests.support import toolchains

MISSING = "no-such-compiler"


def test_a_missing_toolchain_skips_the_test_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=f"NOT RUN: there is no {MISSING} here"):
        toolchains.require(MISSING)


def test_a_missing_toolchain_fails_the_test_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=f"there is no {MISSING} here"):
        toolchains.require(MISSING)
