"""Everything of a local cloud that somebody could read."""

from __future__ import annotations

import json
from pathlib import Path

from tests.attack.leaks_canaries import LIST, RECORDS, STATE, WEBHOOKS
from tests.support.api import Api
from tests.support.console import first_look
from tests.support.dynamo_items import readable
from tools import http_client
from tools.local.aws import deployment as aws
from tools.local.cloud import LocalCloud


def read_places(cloud: LocalCloud) -> dict[str, bytes]:
    """Everything that somebody could read, by name."""
    places: dict[str, bytes] = {}
    for path in sorted(cloud.logs.rglob("*")):
        inside = path.relative_to(cloud.logs).parts
        if path == cloud.deployment_file:
            continue  # what `liveproof --deployment` needs, for its owner only: meant to have a key
        # The code that runs is no place where it writes.
        if path.is_file() and not path.is_symlink() and inside[0] not in ("service", "functions"):
            places[_name(path)] = places.get(_name(path), b"") + path.read_bytes()
    api = Api(cloud.api, cloud.api_key, 120)
    places[LIST] = json.dumps(api.newest(100), ensure_ascii=False).encode()
    places[WEBHOOKS] = json.dumps(
        [webhook.document() for webhook in cloud.receiver.received()]
    ).encode()
    places["console page"] = http_client.request("GET", cloud.console.url).body
    places[STATE] = first_look(cloud.console)
    places["emulator's calls"] = json.dumps(cloud.emulator.calls()).encode()
    if cloud.name == "aws":
        places |= _places_on_aws(aws.of(cloud))
    return places


def _name(path: Path) -> str:
    return RECORDS if path.name.startswith("records.sqlite") else path.name


def _places_on_aws(deployment: aws.AwsDeployment) -> dict[str, bytes]:
    places: dict[str, bytes] = {}
    dynamodb = deployment.aws.client("dynamodb")
    records = []
    for table in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            records += [readable(item) for item in page["Items"]]
    places[RECORDS] = json.dumps(records, ensure_ascii=False).encode()
    logs = deployment.aws.client("logs")
    events = []
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        events += [event["message"] for page in pages for event in page["events"]]
    places["CloudWatch"] = "\n".join(events).encode()
    sqs, messages = deployment.aws.client("sqs"), []
    for url in sqs.list_queues().get("QueueUrls", []):
        if "dead" in url.lower():
            got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
            messages += [message["Body"] for message in got.get("Messages", [])]
    places["dead-letter queues"] = "\n".join(messages).encode()
    return places
