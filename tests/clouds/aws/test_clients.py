"""Where requests go, and the keys that sign them."""

from __future__ import annotations

import pytest

from liveproof.clouds.aws.clients import Clients, EndpointInvalid, other_endpoint
from liveproof.clouds.aws.credentials import role_credentials
from liveproof.clouds.aws.signature import Credentials
from tests.support.servers import RawServer, answering, http, serving

REGION = "ap-southeast-1"
KEY = Credentials("AKIDEXAMPLE", "secret", None)


@pytest.fixture(autouse=True)
def the_real_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("", "_S3", "_DYNAMODB", "_SQS", "_KMS", "_SECRETS_MANAGER"):
        monkeypatch.delenv(f"AWS_ENDPOINT_URL{name}", raising=False)


def address(server: RawServer) -> str:
    return f"http://127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("service", "host"),
    [
        ("dynamodb", "dynamodb.ap-southeast-1.amazonaws.com"),
        ("sqs", "sqs.ap-southeast-1.amazonaws.com"),
        ("kms", "kms.ap-southeast-1.amazonaws.com"),
        ("secretsmanager", "secretsmanager.ap-southeast-1.amazonaws.com"),
    ],
)
def test_a_service_is_asked_at_its_address_in_the_region(service: str, host: str) -> None:
    assert getattr(Clients(REGION, lambda: KEY), service)._url == f"https://{host}/"


def test_another_aws_is_asked_where_the_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering(http(200, b"{}", Connection="close"))) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"{address(server)}/")
        Clients(REGION, lambda: KEY).secretsmanager.call("GetSecretValue", SecretId="x")

    assert server.connections == 1


def test_a_services_own_variable_is_stronger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:2/")

    assert other_endpoint("DYNAMODB") == "http://127.0.0.1:2"
    assert other_endpoint("SQS") == "http://127.0.0.1:1"


@pytest.mark.parametrize("url", ["no-url", "ftp://127.0.0.1", "http://user@host/", "http://"])
def test_an_address_that_is_no_url_is_refused_by_its_variables_name(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    with pytest.raises(EndpointInvalid, match="AWS_ENDPOINT_URL is not a plain http or https URL"):
        _ = Clients(REGION, lambda: KEY).secretsmanager


@pytest.mark.parametrize("missing", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_a_function_without_a_role_says_which_variable_is_missing(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-key")
    monkeypatch.delenv(missing)

    with pytest.raises(RuntimeError, match=missing):
        role_credentials()


def test_a_roles_key_is_read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "first")
    assert role_credentials() == Credentials("AKID", "key", "first")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "second")

    assert role_credentials().token == "second"
