"""A deployment on AWS: a stack that the shell's credentials can describe, or a local one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click

from liveproof.clock import SystemClock
from liveproof.clouds.aws import indexes
from liveproof.clouds.aws.bucket import S3Bucket
from liveproof.clouds.aws.clients import Clients, other_endpoint
from liveproof.clouds.aws.endpoints import DynamoEndpoints
from liveproof.clouds.aws.errors import ResourceMissing
from liveproof.clouds.aws.heartbeats import DynamoHeartbeats
from liveproof.clouds.aws.limits import DynamoLimits
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.clouds.aws.signature import Credentials
from liveproof.clouds.aws.steps import SqsSteps
from liveproof.facts import checks
from liveproof_cli.deployments import aws_errors
from liveproof_cli.deployments.aws_lambda import LambdaFunctions
from liveproof_cli.deployments.deployment import (
    ENDPOINT_POLICY,
    RECORD_DAYS,
    Deployment,
    Opened,
    user_at_host,
)
from liveproof_cli.deployments.functions import ask
from liveproof_cli.deployments.queues import Queues
from liveproof_cli.errors import CannotBeDone

_NAME = re.compile(r"aws:(?P<stage>[A-Za-z][A-Za-z0-9-]{0,100})(?:@(?P<region>[^@]+))?")
_SECONDS_OF_SILENCE = 10
_LOCAL_STACK = "liveproof-local"
_LOGICAL = {"senseid": "SenseId"}
_MOST_PAGES = 200
"""Of the list index, a megabyte each: some two million verifications."""


def of_stack(name: str) -> Opened:
    """The deployment of `aws:STAGE` or `aws:STAGE@REGION`; without a region, in the shell's.

    Raises:
        click.UsageError: the name has another form.
    """
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise click.UsageError(
            f"--deployment {name}: write aws:STAGE or aws:STAGE@REGION, such as"
            " aws:production@ap-southeast-1"
        )
    stack = f"liveproof-{parts['stage']}"
    return _stack(stack, parts["region"]), lambda error: aws_errors.explain_error(error, stack)


def of_document(document: Mapping[str, Any]) -> Opened:
    """The deployment on a local AWS, as `make local` describes it.

    Raises:
        KeyError, TypeError: the document has another form.
    """
    key = Credentials(document["access_key"], document["secret_key"], None)
    clients = Clients(document["region"], lambda: key, endpoint=document["endpoint"])
    outputs = dict(document["outputs"])

    @contextmanager
    def connected() -> Iterator[Deployment]:
        yield replace(
            _deployment(
                _LOCAL_STACK, clients, document["region"], document["api"], outputs, user_at_host
            ),
            api_key=document["api_key"],
        )

    return connected(), lambda error: aws_errors.explain_error(error, "the local AWS")


@contextmanager
def _stack(stack: str, region: str | None) -> Iterator[Deployment]:
    # botocore takes a while to import, and only this needs it.
    from liveproof_cli.deployments import aws_shell

    other_endpoint("CLOUDFORMATION")  # botocore's own error for a broken one is no BotoCoreError
    shell = aws_shell.log_in(region)
    outputs = shell.outputs(stack)
    yield _deployment(
        stack,
        Clients(shell.region, shell.credentials),
        shell.region,
        outputs.get("HttpApiUrl"),
        outputs,
        shell.operator,
    )


def _deployment(
    stack: str,
    clients: Clients,
    region: str,
    api: str | None,
    outputs: dict[str, str],
    operator: Callable[[], str],
) -> Deployment:
    table = outputs.get("TableName")
    if table is None:
        raise CannotBeDone("The stack has no output TableName, so it is none of liveproof.")
    functions = LambdaFunctions(clients, f"{stack}-")
    return Deployment(
        cloud="aws",
        region=region,
        api=api.rstrip("/") if api else None,
        records=DynamoRecords(clients, table, RECORD_DAYS),
        endpoints=DynamoEndpoints(clients, table, ENDPOINT_POLICY),
        limits=DynamoLimits(clients, table),
        heartbeats=DynamoHeartbeats(clients, table),
        functions=functions,
        steps=_steps(clients, outputs),
        store=lambda: _amiss_in_table(clients, table),
        clients=lambda: _client_names(clients, table),
        operator=operator,
        bucket=S3Bucket(clients, outputs["BucketName"], region)
        if "BucketName" in outputs
        else None,
        outputs=outputs,
        queues=Queues(clients, outputs),
        account=functions,
        ask=lambda request: ask(functions, request),
        secret=lambda name: _secret(clients, outputs, name),
        put_secret=lambda name, content: _put_secret(clients, outputs, name, content),
    )


def _steps(clients: Clients, outputs: Mapping[str, str]) -> SqsSteps | None:
    try:
        return SqsSteps(
            clients,
            SystemClock(),
            uploads=outputs["UploadsQueueUrl"],
            checks={check: outputs[f"{_queue_of(check)}QueueUrl"] for check in checks()},
            deliveries=outputs["DeliveriesQueueUrl"],
            erasures=outputs["ErasuresQueueUrl"],
        )
    except KeyError:
        return None


def _queue_of(check: str) -> str:
    """The logical id of a check's queue, without its ending: `infra/aws/checks.js`."""
    return "Check" + "".join(part.title() for part in check.split("_"))


def _amiss_in_table(clients: Clients, table: str) -> list[str]:
    """The indexes that queries need, and the time to live that deletes expired records."""
    described = clients.dynamodb.call("DescribeTable", TableName=table)["Table"]
    states = {
        index["IndexName"]: index.get("IndexStatus", "ACTIVE")
        for index in described.get("GlobalSecondaryIndexes", ())
    }
    amiss = [
        f"the index {name} is {states.get(name, 'missing')}"
        for name in (indexes.UNFINISHED, indexes.BY_CLIENT)
        if states.get(name) != "ACTIVE"
    ]
    ttl = clients.dynamodb.call("DescribeTimeToLive", TableName=table)["TimeToLiveDescription"]
    if ttl.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        amiss.append("time to live is off, so expired records stay")
    return amiss


def _secret(clients: Clients, outputs: Mapping[str, str], name: str) -> bytes:
    """The text of a secret, by its name in docs/deploy-aws.md, such as `webhooks`."""
    try:
        answer = clients.secretsmanager.call("GetSecretValue", SecretId=_arn(outputs, name))
    except ResourceMissing:
        raise CannotBeDone(f"The secret {name} has no value yet.") from None
    return str(answer.get("SecretString", "")).encode()


def _put_secret(clients: Clients, outputs: Mapping[str, str], name: str, content: bytes) -> None:
    arn, text = _arn(outputs, name), content.decode()
    clients.secretsmanager.call("PutSecretValue", SecretId=arn, SecretString=text)


def _arn(outputs: Mapping[str, str], name: str) -> str:
    logical = "".join(_LOGICAL.get(word, word.title()) for word in name.split("-"))
    return outputs[f"{logical}SecretArn"]


def _client_names(clients: Clients, table: str) -> list[str]:
    """Every client in the list index, which has keys only: a megabyte for 10,000 verifications.

    Raises:
        CannotBeDone: there are more verifications than a command should read.
    """
    names: set[str] = set()
    scan: dict[str, Any] = {
        "TableName": table,
        "IndexName": indexes.BY_CLIENT,
        "ProjectionExpression": "client",
    }
    for _ in range(_MOST_PAGES):
        page = clients.dynamodb.call("Scan", **scan)
        names |= {item["client"]["S"] for item in page["Items"]}
        if "LastEvaluatedKey" not in page:
            return sorted(names)
        scan["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    raise CannotBeDone("There are too many verifications to look for their clients: --client NAME")
