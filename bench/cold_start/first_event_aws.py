"""First events on Lambda: the table, the bucket, the queues and the secrets are deployed ones."""

from __future__ import annotations

import json
from typing import Any

from bench import verifications
from bench.cold_start import lambda_layer
from bench.cold_start.first_event_times import Times
from bench.figure import BenchError
from bench.interpreters import Program
from liveproof_client import Liveproof
from tools.demo import samples
from tools.local.aws import deployment
from tools.local.cloud import LocalCloud

BASELINE = "boto3: import, one client, one get_item"
# What a person waits for, and what does most.
GOALS = {"create_upload": 0.7, "read_verification": 0.7, "resend_result": 0.7, "run_check": 1.5}
_HANDLER = """
class Context:
    aws_request_id = "bench"
    function_name = INPUT["function"]
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:local:0:function:bench"
    def get_remaining_time_in_millis(self):
        return 100_000

STARTED = CLOCK()
import importlib
handler = importlib.import_module("functions." + INPUT["function"] + ".handler").handler
RESULT = handler(INPUT["event"], Context())
ENDED = CLOCK()
RESULT = RESULT or {}
if RESULT.get("batchItemFailures") or RESULT.get("statusCode", 200) >= 300:
    sys.exit("the event was not handled")
"""
_BASELINE = """
STARTED = CLOCK()
import boto3
boto3.client("dynamodb").get_item(TableName=INPUT["table"], Key={"pk": {"S": "none"}})
ENDED = CLOCK()
"""


class Rounds:
    """Takes verifications through every function, each time in a fresh interpreter.

    Args:
        cloud: whose workers rest from now on.
        times: where what was measured goes.
    """

    def __init__(self, cloud: LocalCloud, times: Times) -> None:
        self._cloud, self._times = cloud, times
        self._rounds = 0
        self._rng = samples.new_rng()
        self._path = lambda_layer.search_path()
        _let_workers_rest(cloud)
        self._environment = _environment(cloud)

    def measure_once(self) -> None:
        """One round: the baseline, then one verification from request to webhook and after.

        Raises:
            BenchError: an event was refused, or the verification did not come to its end.
        """
        self._rounds += 1
        table = self._environment["LIVEPROOF_TABLE"]
        self._times.baseline(Program(_BASELINE, {"table": table}, self._environment))
        inputs = verifications.files(self._rng)
        body = json.dumps(verifications.request_body(inputs))
        answer = self._handle("create_upload", self._request("POST /v1/verifications", body=body))
        created = json.loads(answer["body"])
        verification_id = str(created["id"])
        verifications.put_all(created["uploads"], inputs)
        urls = [upload["url"].partition("?")[0] for upload in created["uploads"].values()]
        self._handle("verify_upload", _queue(*(self._notification(url) for url in urls)))
        self._handle("run_check", _queue({"id": verification_id}))
        self._handle("deliver_result", _queue({"id": verification_id}))
        one = "/v1/verifications/{id}"
        self._handle("read_verification", self._request(f"GET {one}", verification_id))
        with Liveproof(self._cloud.api, self._cloud.api_key) as api:
            view = api.get(verification_id)
        verifications.require_passed(view)
        self._handle("resend_result", self._request(f"POST {one}/deliveries", verification_id))
        self._handle("sweep", {})

    def _handle(self, function: str, event: dict[str, Any]) -> Any:
        values = {"function": function, "event": event}
        program = Program(_HANDLER, values, self._environment, self._path)
        return self._times.event(function, program)

    def _request(
        self, route: str, verification_id: str | None = None, body: str = ""
    ) -> dict[str, Any]:
        """An event of the HTTP API, payload 2.0."""
        return {
            "version": "2.0",
            "routeKey": route,
            "headers": {"authorization": f"Bearer {self._cloud.api_key}"},
            "pathParameters": {"id": verification_id} if verification_id else {},
            "body": body,
            "isBase64Encoded": False,
        }

    def _notification(self, url: str) -> dict[str, Any]:
        """The bucket's metadata of the object at a path-style URL."""
        bucket = self._environment["LIVEPROOF_BUCKET"]
        key = url.partition(f"/{bucket}/")[2]
        about = {"bucket": {"name": bucket}, "object": {"key": key}}
        return {"Records": [{"eventName": "ObjectCreated:Put", "s3": about}]}

    def require_rest(self) -> None:
        """Raises BenchError if the deployed workers took what was measured here."""
        queues = deployment.of(self._cloud).aws.client("sqs")
        attributes = queues.get_queue_attributes(
            QueueUrl=json.loads(self._environment["LIVEPROOF_CHECK_QUEUE_URLS"])["reflect"],
            AttributeNames=["ApproximateNumberOfMessages"],
        )
        waiting = int(attributes["Attributes"]["ApproximateNumberOfMessages"])
        if waiting < self._rounds:
            raise BenchError(f"{waiting} messages wait for run_check: workers took the others")


def _queue(*messages: dict[str, Any]) -> dict[str, Any]:
    """An event of a queue with these messages."""
    records = [
        {"messageId": str(number), "body": json.dumps(message), "eventSource": "aws:sqs"}
        for number, message in enumerate(messages)
    ]
    return {"Records": records}


def _let_workers_rest(cloud: LocalCloud) -> None:
    """Stops the queues' triggers: what is sent to the queues stays there."""
    functions = deployment.of(cloud).aws.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def _environment(cloud: LocalCloud) -> dict[str, str]:
    """What the deployed functions have: their settings, and this AWS's address and key."""
    configuration = (
        deployment.of(cloud)
        .aws.client("lambda")
        .get_function_configuration(FunctionName=f"liveproof-{deployment.STAGE}-run_check")
    )
    variables: dict[str, str] = configuration["Environment"]["Variables"]
    return {**variables, **deployment.of(cloud).aws.credentials()}
