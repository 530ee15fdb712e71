"""Webhooks signed by a key in KMS. No mocked AWS has Ed25519 keys, so a small one is here."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from liveproof import observability
from liveproof.clouds.aws import api
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import AwsRefused
from liveproof.clouds.aws.settings import AwsSettings
from liveproof.clouds.aws.signature import Credentials
from liveproof.clouds.aws.webhook_key import KmsKey, KmsKeyUnusable
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.environment import load
from liveproof.observability import Metric
from liveproof.settings import SettingsError
from liveproof.use_cases.list_webhook_keys import list_webhook_keys
from liveproof.webhooks.keys import public_key_text
from liveproof.webhooks.message import MAX_BODY_BYTES
from tests.support.deployment import Deployment
from tests.support.servers import http, read_request, serving

ARN = "arn:aws:kms:ap-southeast-1:123456789012:key/0a1b2c3d"
MAX_MESSAGE_BYTES = 4096

Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


class Kms:
    """Signs with one key as KMS does.

    Attributes:
        asked: the operations and their parameters.
        answer: replaces the answers, if set.
    """

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.answer: Answer | None = None

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def serve(self, connection: socket.socket) -> None:
        head, _, body = read_request(connection).partition(b"\r\n\r\n")
        (target,) = [
            line.partition(": ")[2]
            for line in head.decode().split("\r\n")
            if line.lower().startswith("x-amz-target:")
        ]
        service, _, operation = target.partition(".")
        assert service == "TrentService"
        parameters = json.loads(body)
        self.requests.append((operation, parameters))
        status, document = (self.answer or getattr(self, operation))(parameters)
        connection.sendall(http(status, json.dumps(document).encode(), Connection="close"))

    def Sign(self, parameters: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        message = base64.b64decode(parameters["Message"])
        expected = {"KeyId": ARN, "MessageType": "RAW", "SigningAlgorithm": "ED25519_SHA_512"}
        if parameters != {**expected, "Message": parameters["Message"]}:
            return 400, {"__type": "ValidationException"}
        if len(message) > MAX_MESSAGE_BYTES:
            return 400, {"__type": "ValidationException"}
        return 200, {"Signature": base64.b64encode(self.key.sign(message)).decode()}

    def GetPublicKey(self, parameters: dict[str, Any]) -> tuple[int, dict[str, Any]]:  # noqa: N802
        assert parameters == {"KeyId": ARN}
        der = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return 200, {"PublicKey": base64.b64encode(der).decode()}


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kms]:
    fake = Kms()
    monkeypatch.setattr(api, "sleep", lambda _: None)
    with serving(fake.serve) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://127.0.0.1:{server.port}")
        yield fake


@pytest.fixture
def key(kms: Kms) -> KmsKey:
    return KmsKey(Clients("ap-southeast-1", lambda: Credentials("AKID", "key", None)), ARN)


@pytest.fixture
def deployment(key: KmsKey) -> Deployment:
    made = Deployment()
    made.dependencies = replace(made.dependencies, webhook_key=key)
    return made


def test_its_signature_is_verified_by_its_public_key(kms: Kms, key: KmsKey) -> None:
    content = b"\x00\xff" * 2048

    Ed25519PublicKey.from_public_bytes(key.public_key()).verify(key.sign(content), content)
    assert key.public_key() == kms.public_key
    assert [operation for operation, _ in kms.requests] == ["GetPublicKey", "Sign"]
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(key.public_key()).verify(key.sign(b"x"), content)


def test_kms_has_the_algorithm_and_the_limit_that_the_code_reckons_with() -> None:
    model = boto3.client("kms", region_name="x").meta.service_model
    sign = model.operation_model("Sign").input_shape.members

    assert "ED25519_SHA_512" in sign["SigningAlgorithm"].enum
    assert "RAW" in sign["MessageType"].enum
    assert sign["Message"].metadata["max"] == MAX_MESSAGE_BYTES
    longest = len(f"msg_{'0' * 26}_1.{10**10}.")
    assert longest + MAX_BODY_BYTES <= MAX_MESSAGE_BYTES


def delivered(deployment: Deployment) -> Verification:
    return deployment.deliver(deployment.run_check(deployment.ready()))


def test_every_webhook_is_signed_by_it_beside_the_endpoints_secrets(
    kms: Kms, deployment: Deployment
) -> None:
    assert delivered(deployment).delivery is not None

    sent = deployment.endpoint.delivered[-1]
    asymmetric, symmetric = sent.headers["webhook-signature"].split(" ")
    assert symmetric.startswith("v1,")
    version, _, signature = asymmetric.partition(",")
    signed = f"{sent.headers['webhook-id']}.{sent.headers['webhook-timestamp']}.".encode()
    assert version == "v1a"
    kms.key.public_key().verify(base64.b64decode(signature), signed + sent.body)
    assert base64.b64decode(kms.requests[-1][1]["Message"]) == signed + sent.body


def test_its_public_key_is_listed_without_an_end(kms: Kms, deployment: Deployment) -> None:
    ((_, public_key, not_after),) = list_webhook_keys(deployment.dependencies)

    assert (public_key, not_after) == (public_key_text(kms.public_key), None)
    list_webhook_keys(deployment.dependencies)
    assert len(kms.requests) == 1


@pytest.mark.parametrize(
    ("status", "document", "attempts"),
    [
        (400, {"__type": "AccessDeniedException"}, 1),
        (400, {"__type": "DisabledException"}, 1),
        (400, {"__type": "ThrottlingException"}, 3),
        (500, {"__type": "KMSInternalException"}, 3),
        (200, {}, 1),
        (200, {"Signature": base64.b64encode(b"s" * 72).decode()}, 1),
        (200, {"Signature": "canary"}, 1),
    ],
)
def test_a_key_that_does_not_sign_is_our_fault_and_nothing_is_sent(
    kms: Kms,
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    document: dict[str, Any],
    attempts: int,
) -> None:
    counted: list[Metric] = []
    monkeypatch.setattr(observability, "count", counted.append)
    kms.answer = lambda _: (status, document)
    waiting = delivered(deployment)

    assert (deployment.endpoint.delivered, len(kms.requests)) == ([], attempts)
    assert Metric.DELIVERY_FAULT in counted
    assert waiting.delivery is not None
    assert (waiting.delivery.state, waiting.delivery.attempts) == (DeliveryState.PENDING, 0)
    kms.answer = None
    deployment.settle()
    after = deployment.load(waiting.id).delivery
    assert after is not None
    assert (after.state, after.attempts) == (DeliveryState.DELIVERED, 1)


def test_a_key_of_another_kind_is_refused(kms: Kms, key: KmsKey) -> None:
    other = base64.b64encode(bytes(91)).decode()
    kms.answer = lambda _: (200, {"PublicKey": other})
    with pytest.raises(KmsKeyUnusable, match="not one of Ed25519"):
        key.public_key()

    kms.answer = lambda _: (400, {"__type": "NotFoundException"})
    with pytest.raises(AwsRefused, match="NotFoundException"):
        key.public_key()


@pytest.mark.parametrize("value", ["alias/webhooks", "0a1b2c3d", f"{ARN}\n", "arn:aws:kms:x"])
def test_only_the_arn_of_a_key_is_taken(value: str) -> None:
    with pytest.raises(SettingsError, match="LIVEPROOF_WEBHOOK_KMS_KEY"):
        load(AwsSettings, {"LIVEPROOF_WEBHOOK_KMS_KEY": value}, "ap-southeast-1")
