"""Secrets from SSM."""

from __future__ import annotations

import base64

import pytest

from liveproof.clouds.tencent.secrets import SsmSecrets
from liveproof.ports import SecretUnusable
from liveproof.secret_documents import VendorKey
from liveproof.vendors.tencent.api import TencentApi
from tests.clouds.tencent.standin import ApiRequest, ApiStandIn
from tests.support.memory import MemoryClock
from tests.support.servers import closed_port

NAME = "liveproof-api-keys:v1"


def secrets_of(api: TencentApi, lifetime: int = 300) -> SsmSecrets:
    return SsmSecrets(api, lifetime, MemoryClock())


def test_a_secret_is_asked_for_by_name_and_version(api: TencentApi, standin: ApiStandIn) -> None:
    standin.answers = [{"SecretName": "liveproof-api-keys", "SecretString": '{"ü": 1}'}]

    assert secrets_of(api).get(NAME) == '{"ü": 1}'.encode()
    parameters = {"SecretName": "liveproof-api-keys", "VersionId": "v1"}
    assert standin.requests == [
        ApiRequest("ssm", "2019-09-23", "GetSecretValue", "ap-singapore", parameters)
    ]


def test_a_binary_secret_is_decoded(api: TencentApi, standin: ApiStandIn) -> None:
    encoded = base64.b64encode(b"\x00\xff{}").decode()
    standin.answers = [{"SecretString": "", "SecretBinary": encoded}]

    assert secrets_of(api).get(NAME) == b"\x00\xff{}"


def test_a_secret_is_read_once_in_its_lifetime_and_anew_afterwards(
    api: TencentApi, standin: ApiStandIn
) -> None:
    clock = MemoryClock()
    secrets = SsmSecrets(api, 300, clock)
    standin.answers = [{"SecretString": "first"}, {"SecretString": "second"}]
    assert secrets.get(NAME) == b"first"

    clock.advance(299_999)
    assert secrets.get(NAME) == b"first"
    clock.advance(1)
    assert secrets.get(NAME) == b"second"


def test_each_version_is_a_secret_of_its_own(api: TencentApi, standin: ApiStandIn) -> None:
    secrets = secrets_of(api)
    standin.answers = [{"SecretString": "first"}, {"SecretString": "second"}]

    assert (secrets.get("name:v1"), secrets.get("name:v2")) == (b"first", b"second")


def test_without_a_lifetime_it_is_read_each_time(api: TencentApi, standin: ApiStandIn) -> None:
    secrets = secrets_of(api, lifetime=0)
    standin.answers = [{"SecretString": "first"}, {"SecretString": "second"}]
    secrets.get(NAME)

    assert secrets.get(NAME) == b"second"


@pytest.mark.parametrize(
    "code", ["ResourceNotFound", "ResourceUnavailable.ResourceDisabled", "UnauthorizedOperation"]
)
def test_a_refusal_is_reported_with_the_secrets_name_and_the_vendors_code(
    api: TencentApi, standin: ApiStandIn, code: str
) -> None:
    standin.answers = [code]

    with pytest.raises(SecretUnusable, match=f"secret {NAME}: SSM: {code}"):
        secrets_of(api).get(NAME)
    assert len(standin.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [{}, {"SecretString": ""}, {"SecretBinary": "canary!"}, {"SecretString": 5}],
)
def test_a_secret_without_a_readable_value_is_named_and_not_shown(
    api: TencentApi, standin: ApiStandIn, answer: dict[str, object]
) -> None:
    standin.answers = [answer]

    with pytest.raises(SecretUnusable, match=f"secret {NAME}: it has no value") as caught:
        secrets_of(api).get(NAME)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "name", "name:", ":v1"])
def test_a_name_without_a_version_is_refused_unasked(
    api: TencentApi, standin: ApiStandIn, name: str
) -> None:
    with pytest.raises(SecretUnusable, match="NAME:VERSION"):
        secrets_of(api).get(name)
    assert standin.requests == []


@pytest.mark.parametrize("trouble", ["InternalError", "RequestLimitExceeded.Rate", None])
def test_passing_trouble_is_asked_through(
    api: TencentApi, standin: ApiStandIn, trouble: str | None
) -> None:
    standin.answers = [trouble, trouble, {"SecretString": "value"}]

    assert secrets_of(api).get(NAME) == b"value"
    assert len(standin.requests) == 3


@pytest.mark.parametrize(
    ("trouble", "code"), [("InternalError", "InternalError"), (None, "OutcomeUnknown")]
)
def test_trouble_that_stays_is_the_secrets_after_three_tries(
    api: TencentApi, standin: ApiStandIn, trouble: str | None, code: str
) -> None:
    standin.answers = [trouble]

    with pytest.raises(SecretUnusable, match=f"secret {NAME}: SSM: {code}"):
        secrets_of(api).get(NAME)
    assert len(standin.requests) == 3


def test_an_ssm_out_of_reach_is_the_secrets_trouble() -> None:
    nowhere = TencentApi(
        f"http://127.0.0.1:{closed_port()}", "ap-singapore", lambda: VendorKey("id", "key")
    )

    with pytest.raises(SecretUnusable, match=f"secret {NAME}: SSM: NotSent"):
        secrets_of(nowhere).get(NAME)


def test_a_failed_read_is_not_remembered(api: TencentApi, standin: ApiStandIn) -> None:
    secrets = secrets_of(api)
    standin.answers = ["ResourceNotFound", {"SecretString": "now"}]
    with pytest.raises(SecretUnusable):
        secrets.get(NAME)

    assert secrets.get(NAME) == b"now"


def test_an_expired_value_is_not_given_when_a_new_one_cannot_be_read(
    api: TencentApi, standin: ApiStandIn
) -> None:
    clock = MemoryClock()
    secrets = SsmSecrets(api, 300, clock)
    standin.answers = [{"SecretString": "old"}, "ResourceNotFound"]
    secrets.get(NAME)
    clock.advance(300_000)

    with pytest.raises(SecretUnusable):
        secrets.get(NAME)
