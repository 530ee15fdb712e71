"""Secrets from Secrets Manager."""

from __future__ import annotations

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.secrets import SecretsManager
from liveproof.ports import SecretUnusable
from tests.support.memory import MemoryClock


def secret(clients: Clients, name: str, text: str) -> str:
    arn: str = clients.secretsmanager.call("CreateSecret", Name=name, SecretString=text)["ARN"]
    return arn


def test_a_secret_is_read_once_in_its_lifetime_and_anew_afterwards(clients: Clients) -> None:
    clock = MemoryClock()
    secrets = SecretsManager(clients, 300, clock)
    arn = secret(clients, "api-keys", "first")
    assert secrets.get(arn) == b"first"
    clients.secretsmanager.call("PutSecretValue", SecretId=arn, SecretString="second")

    clock.advance(299_999)
    assert secrets.get(arn) == b"first"
    clock.advance(1)
    assert secrets.get(arn) == b"second"


def test_without_a_lifetime_it_is_read_each_time(clients: Clients) -> None:
    secrets = SecretsManager(clients, 0, MemoryClock())
    arn = secret(clients, "api-keys", "first")
    secrets.get(arn)
    clients.secretsmanager.call("PutSecretValue", SecretId=arn, SecretString="second")

    assert secrets.get(arn) == b"second"


def test_a_secret_that_was_never_put_is_named(clients: Clients) -> None:
    arn = clients.secretsmanager.call("CreateSecret", Name="vendor-key")["ARN"]

    for name in (arn, "nothing-of-this-name"):
        with pytest.raises(SecretUnusable, match=name):
            SecretsManager(clients, 300, MemoryClock()).get(name)


def test_a_failed_read_is_not_remembered(clients: Clients) -> None:
    secrets = SecretsManager(clients, 300, MemoryClock())
    arn = clients.secretsmanager.call("CreateSecret", Name="vendor-key")["ARN"]
    with pytest.raises(SecretUnusable):
        secrets.get(arn)
    clients.secretsmanager.call("PutSecretValue", SecretId=arn, SecretString="now")

    assert secrets.get(arn) == b"now"


def test_secrets_are_text(clients: Clients) -> None:
    arn = clients.secretsmanager.call("CreateSecret", Name="binary", SecretBinary="AA==")["ARN"]

    with pytest.raises(SecretUnusable, match="no text"):
        SecretsManager(clients, 300, MemoryClock()).get(arn)
