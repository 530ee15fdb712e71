"""The hops of the pipeline on AWS with nothing in them: what the local AWS itself costs.

PUT -> S3 event -> queue -> function -> queue -> function -> queue -> function -> HTTP POST. The
functions pass the object's key on, with boto3, and do nothing else.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.hops import arrivals
from bench.hops.arrivals import Arrivals
from tools.local.aws import deployment
from tools.local.aws.ministack import LocalAws
from tools.local.cloud import LocalCloud

_NAME = "bench-hop"
_HOPS = 3
_CODE = """
import json, os, urllib.request
import boto3

sqs = boto3.client("sqs")

def handler(event, context):
    for record in event["Records"]:
        message = json.loads(record["body"])
        for event in message.get("Records", ()):
            message = {"id": event["s3"]["object"]["key"]}
        if "id" in message:
            pass_on(json.dumps(message))

def pass_on(body):
    if os.environ["NEXT"].startswith("queue "):
        sqs.send_message(QueueUrl=os.environ["NEXT"].removeprefix("queue "), MessageBody=body)
    else:
        request = urllib.request.Request(os.environ["NEXT"], body.encode(), method="POST")
        urllib.request.urlopen(request, timeout=10).close()
"""


class BareHops:
    """The deployed hops."""

    def __init__(self, aws: LocalAws, receiver: Arrivals) -> None:
        self._s3, self._arrivals = aws.client("s3"), receiver
        _deploy(aws, receiver.url)

    def milliseconds(self, key: str) -> float:
        """From the PUT's answer to the arrival of the key. Raises BenchError if it gets lost."""
        self._s3.put_object(Bucket=_NAME, Key=key, Body=b"x" * 1000)
        started = time.monotonic()
        return (self._arrivals.wait_for(key) - started) * 1000


@contextmanager
def deployed(cloud: LocalCloud) -> Iterator[BareHops]:
    """The hops in a local cloud's AWS, until the block ends."""
    with arrivals.receiving() as receiver:
        yield BareHops(deployment.of(cloud).aws, receiver)


def _deploy(aws: LocalAws, last: str) -> None:
    role = _role(aws)
    sqs, functions, s3 = (aws.client(name) for name in ("sqs", "lambda", "s3"))
    target, queue = last, ""
    for hop in reversed(range(_HOPS)):
        url = sqs.create_queue(QueueName=f"{_NAME}-{hop}")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        queue = attributes["Attributes"]["QueueArn"]
        functions.create_function(
            FunctionName=f"{_NAME}-{hop}",
            Runtime="python3.13",
            Handler="hop.handler",
            Role=role,
            Code={"ZipFile": _archive()},
            MemorySize=512,
            Timeout=30,
            Environment={"Variables": {"NEXT": target}},
        )
        functions.create_event_source_mapping(
            EventSourceArn=queue, FunctionName=f"{_NAME}-{hop}", BatchSize=10
        )
        target = f"queue {url}"
    from_s3 = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
               "Action": "sqs:SendMessage", "Resource": queue}  # fmt: skip
    sqs.set_queue_attributes(QueueUrl=target.removeprefix("queue "),
                             Attributes={"Policy": _policy(from_s3)})  # fmt: skip
    s3.create_bucket(Bucket=_NAME, CreateBucketConfiguration={"LocationConstraint": aws.region})
    s3.put_bucket_notification_configuration(
        Bucket=_NAME,
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}]
        },
        SkipDestinationValidation=True,
    )


def _role(aws: LocalAws) -> str:
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
             "Action": "sts:AssumeRole"}  # fmt: skip
    role = iam.create_role(RoleName=_NAME, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_role_policy(RoleName=_NAME, PolicyName="all", PolicyDocument=_policy(everything))
    return str(role)


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hop.py", _CODE)
    return buffer.getvalue()
