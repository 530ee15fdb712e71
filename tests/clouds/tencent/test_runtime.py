"""What SCF's context says of a run, and the key of the function's role."""

from __future__ import annotations

import pytest

from liveproof.clock import now_ms
from liveproof.clouds.tencent.runtime import invocation, runtime_key
from liveproof.secret_documents import VendorKey

VARIABLES = ("TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY", "TENCENTCLOUD_SESSIONTOKEN")


def test_the_deadline_is_the_time_limit_after_the_beginning_less_a_margin() -> None:
    context = {
        "function_name": "run_check",
        "request_id": "request-1",
        "time_limit_in_ms": 30_000,
        "memory_limit_in_mb": 256,
    }

    before = now_ms()
    run = invocation(context)
    after = now_ms()

    assert (run.function, run.request_id) == ("run_check", "request-1")
    assert before + 29_500 <= run.deadline <= after + 29_500


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.setenv(name, f"first {name}")
    return monkeypatch


def test_a_functions_key_is_the_one_of_its_role_at_each_call(
    environment: pytest.MonkeyPatch,
) -> None:
    assert runtime_key() == VendorKey(*(f"first {name}" for name in VARIABLES))
    for name in VARIABLES:
        environment.setenv(name, f"next {name}")

    assert runtime_key() == VendorKey(*(f"next {name}" for name in VARIABLES))


@pytest.mark.parametrize("missing", VARIABLES)
@pytest.mark.parametrize("value", [None, ""])
def test_a_function_without_a_role_names_the_missing_role(
    environment: pytest.MonkeyPatch, missing: str, value: str | None
) -> None:
    if value is None:
        environment.delenv(missing)
    else:
        environment.setenv(missing, value)

    with pytest.raises(RuntimeError, match=f"{missing} .* execution role") as caught:
        runtime_key()
    assert "first" not in str(caught.value)
