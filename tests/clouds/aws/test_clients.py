"""What boto3 does with AWS's answers: no request goes to where an answer points."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from liveproof.clouds.aws.clients import Clients
from tests.support.servers import answering, http, read_request, serving

REGION = "ap-southeast-1"
REQUESTS: dict[str, Callable[[Clients, str], object]] = {
    "GetObject": lambda aws, url: aws.s3.get_object(Bucket="bucket", Key="uploads/face"),
    "PutObject": lambda aws, url: aws.s3.put_object(Bucket="bucket", Key="evidence/f", Body=b"x"),
    "GetItem": lambda aws, url: aws.dynamodb.get_item(TableName="t", Key={"pk": {"S": "v"}}),
    "GetSecretValue": lambda aws, url: aws.secretsmanager.get_secret_value(SecretId="vendor"),
    "SendMessage": lambda aws, url: aws.sqs.send_message(QueueUrl=f"{url}/q", MessageBody="{}"),
}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Clients:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    return Clients(REGION)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("name", REQUESTS)
def test_no_redirect_is_followed(
    aws: Clients, monkeypatch: pytest.MonkeyPatch, name: str, status: int
) -> None:
    """Botocore asks S3 again in the region that the answer names; ours is the bucket's."""
    with serving(answering(http(200, b"{}"))) as other:
        pointing = http(
            status,
            Location=f"http://127.0.0.1:{other.port}/",
            x_amz_bucket_region="us-west-2",
            Connection="close",
        )
        with serving(answering(pointing)) as server:
            url = f"http://127.0.0.1:{server.port}"
            monkeypatch.setenv("AWS_ENDPOINT_URL", url)
            with pytest.raises((ClientError, BotoCoreError)):
                REQUESTS[name](aws, url)

    assert (server.connections, other.connections) == (1, 0)


def test_an_answer_without_a_redirect_is_taken(
    aws: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(http(200, b"face", ETag='"e"', Connection="close"))

    with serving(serve) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
        response = aws.s3.get_object(Bucket="bucket", Key="uploads/face")
        assert response["Body"].read() == b"face"
