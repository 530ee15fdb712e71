"""DynamoDB throttles the write after a paid call: the outcome is saved all the same."""

from __future__ import annotations

import dataclasses
import json
import socket

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.domain.ledger import CallOutcome, Settlement
from liveproof.use_cases.settle_call import settle_call
from tests.support.aws import REGION, TABLE
from tests.support.deployment import Deployment
from tests.support.servers import http, read_request, serving
from tests.support.verifications import called

TIMES = 4
"""More tries than the SDK makes for one request."""


class Throttling:
    """A DynamoDB that refuses a number of requests and then accepts every one."""

    def __init__(self, error: str) -> None:
        body = {"__type": f"com.amazonaws.dynamodb.v20120810#{error}", "message": "slow down"}
        self._refusal = http(400, json.dumps(body).encode())
        self.operations: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        request = read_request(connection)
        (target,) = (
            line for line in request.split(b"\r\n") if line.lower().startswith(b"x-amz-target:")
        )
        self.operations.append(target.rpartition(b".")[2])
        refused = len(self.operations) <= TIMES
        connection.sendall(self._refusal if refused else http(200, b"{}"))


@pytest.mark.parametrize(
    "error",
    [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
    ],
)
def test_a_throttled_settlement_is_saved(
    credentials: None, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    dynamodb = Throttling(error)
    deployment = Deployment()
    with serving(dynamodb) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
        records = DynamoRecords(Clients(REGION), TABLE, record_days=30)
        dependencies = dataclasses.replace(deployment.dependencies, records=records)
        settlement = Settlement(CallOutcome.ANSWERED, billable="yes", code="Success")
        deadline = deployment.clock.now() + 60_000

        saved = settle_call(dependencies, called(), settlement, deadline)

    assert saved.last_call is not None
    assert saved.last_call.outcome is CallOutcome.ANSWERED
    assert dynamodb.operations == [b"PutItem"] * (TIMES + 1)
