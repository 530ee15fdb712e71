"""Requests that are made again, and those that are not."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.clouds.tencent.retrying import RetryingApi, error_code
from liveproof.secret_documents import VendorKey
from liveproof.vendors.errors import NotSent, OutcomeUnknown, VendorError, VendorRefused
from liveproof.vendors.tencent.api import TencentApi
from tests.clouds.tencent.standin import ApiRequest, ApiStandIn
from tests.support.memory import MemoryClock
from tests.support.servers import closed_port

PARAMETERS = {"SecretName": "keys", "VersionId": "v1"}


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def ssm(api: TencentApi, clock: MemoryClock) -> RetryingApi:
    return RetryingApi(api, "ssm", "2019-09-23", clock)


def test_a_request_that_succeeds_is_made_once(ssm: RetryingApi, standin: ApiStandIn) -> None:
    standin.answers = [{"SecretString": "text"}]

    assert ssm.request("GetSecretValue", PARAMETERS)["SecretString"] == "text"
    assert standin.requests == [
        ApiRequest("ssm", "2019-09-23", "GetSecretValue", "ap-singapore", PARAMETERS)
    ]


@pytest.mark.parametrize(
    "failure", ["RequestLimitExceeded", "RequestLimitExceeded.IP", "InternalError.Db", None]
)
def test_a_failure_that_may_pass_is_retried_after_a_pause(
    ssm: RetryingApi, standin: ApiStandIn, clock: MemoryClock, failure: str | None
) -> None:
    began = clock.now()
    standin.answers = [failure, failure, {"SecretString": "text"}]

    assert ssm.request("GetSecretValue", PARAMETERS)["SecretString"] == "text"
    assert [request.parameters for request in standin.requests] == [PARAMETERS] * 3
    assert clock.now() - began == 1000


def test_the_third_failure_is_raised(
    ssm: RetryingApi, standin: ApiStandIn, clock: MemoryClock
) -> None:
    began = clock.now()
    standin.answers = ["InternalError"]

    with pytest.raises(VendorRefused, match="InternalError"):
        ssm.request("GetSecretValue", PARAMETERS)
    assert len(standin.requests) == 3
    assert clock.now() - began == 1000


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "FailedOperation.InternalError"])
def test_a_refusal_that_stays_is_raised_at_once(
    ssm: RetryingApi, standin: ApiStandIn, code: str
) -> None:
    standin.answers = [code]

    with pytest.raises(VendorRefused, match=code):
        ssm.request("GetSecretValue", PARAMETERS)
    assert len(standin.requests) == 1


def test_a_request_that_was_never_sent_is_retried(clock: MemoryClock) -> None:
    began = clock.now()
    nowhere = TencentApi(
        f"http://127.0.0.1:{closed_port()}", "ap-singapore", lambda: VendorKey("id", "key")
    )

    with pytest.raises(NotSent):
        RetryingApi(nowhere, "ssm", "2019-09-23", clock).request("GetSecretValue", PARAMETERS)
    assert clock.now() - began == 1000


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (VendorRefused("ResourceNotFound", "request-1"), "ResourceNotFound"),
        (NotSent("canary"), "NotSent"),
        (OutcomeUnknown("canary"), "OutcomeUnknown"),
    ],
)
def test_a_failure_has_the_vendors_code_or_the_name_of_ours(error: VendorError, code: str) -> None:
    assert error_code(error) == code


def test_parameters_are_not_changed(ssm: RetryingApi, standin: ApiStandIn) -> None:
    standin.answers = ["InternalError", {}]
    parameters: dict[str, Any] = {**PARAMETERS}

    ssm.request("GetSecretValue", parameters)

    assert parameters == PARAMETERS
