"""A mocked AWS account with the deployment's table, as infra/aws/table.yml describes it."""

from __future__ import annotations

import json
import logging
import os
import threading
import unittest.mock
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.responses import DynamoHandler
from moto.moto_api._internal.models import moto_api_backend
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer
from moto.sqs.models import sqs_backends
from werkzeug.serving import WSGIRequestHandler

from liveproof import facts
from liveproof.clouds.aws.clients import Clients
from tools import cloudformation_yaml

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION: Final = "ap-southeast-1"
TABLE = "verifications"
BUCKET = "uploads-bucket"
_INFRA = Path(__file__).parents[2] / "infra" / "aws"
_TEMPLATE = _INFRA / "table.yml"
_INDEX = ("KeySchema", "Projection")


def check_queue(check: str) -> str:
    """The name of a check's queue in the account."""
    return f"check-{check}"


@cache
def table_definition() -> dict[str, Any]:
    """The arguments of CreateTable that the template stands for."""
    template = cloudformation_yaml.load(_TEMPLATE)
    properties = template["Resources"]["Table"]["Properties"]
    definition = {
        name: properties[name] for name in ("AttributeDefinitions", "KeySchema", "BillingMode")
    }
    return definition | {"GlobalSecondaryIndexes": indexes("none")}


def indexes(upgrade: str) -> list[dict[str, Any]]:
    """The table's indexes in a step of the upgrade of an older table; `none`: of a new table."""
    document = json.loads((_INFRA / "indexes.json").read_text())
    return [
        {"IndexName": name, **{key: document["indexes"][name][key] for key in _INDEX}}
        for name in document["upgrade"][upgrade]
    ]


def ttl_attribute() -> str:
    """The attribute by which the table forgets."""
    template = cloudformation_yaml.load(_TEMPLATE)
    name: str = template["Resources"]["Table"]["Properties"]["TimeToLiveSpecification"][
        "AttributeName"
    ]
    return name


def _atomic(method: Callable[..., Any], lock: threading.RLock) -> Callable[..., Any]:
    @wraps(method)
    def one_at_a_time(*arguments: Any, **named: Any) -> Any:
        with lock:
            return method(*arguments, **named)

    return one_at_a_time


@contextmanager
def _atomic_writes() -> Iterator[None]:
    """DynamoDB writes and answers atomically; moto checks, writes and looks again, unlocked."""
    lock = threading.RLock()
    with ExitStack() as patched:
        for name in ("put_item", "update_item", "transact_write_items"):
            method = getattr(DynamoHandler, name)
            patched.enter_context(
                unittest.mock.patch.object(DynamoHandler, name, _atomic(method, lock))
            )
        yield


@cache
def moto_url() -> str:
    """The address of this process's mocked AWS: moto in a thread, over HTTP as AWS is."""
    # werkzeug closes each connection unless it speaks HTTP/1.1.
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"


@cache
def s3() -> S3Client:
    """boto3's client of the mocked S3, for what the adapter does not do."""
    client: S3Client = boto3.Session("-", "-", region_name=REGION).client(
        "s3", endpoint_url=moto_url()
    )
    return client


@contextmanager
def account(table: Mapping[str, Any] | None = None) -> Iterator[Clients]:
    """Clients of a mocked account with the table, the bucket and the queues.

    Args:
        table: the arguments of CreateTable; None for those of the template.
    """
    with (
        _atomic_writes(),
        unittest.mock.patch.dict(os.environ, {"AWS_ENDPOINT_URL": moto_url()}),
    ):
        moto_api_backend.reset()
        clients = Clients(REGION)
        clients.dynamodb.call("CreateTable", TableName=TABLE, **(table or table_definition()))
        # Beside HTTP, which takes ten milliseconds a request.
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(BUCKET, REGION)
        queues = sqs_backends[DEFAULT_ACCOUNT_ID][REGION]
        for name in ("uploads", *map(check_queue, facts.checks()), "deliveries", "erasures"):
            queues.create_queue(name)
        yield clients
