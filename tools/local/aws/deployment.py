"""liveproof on the local AWS: serverless.yml as it is, deployed by osls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from liveproof import facts
from liveproof.domain.states import Step
from tools import processes
from tools.local.aws import ministack
from tools.local.cloud import LocalCloud
from tools.local.emulator import EmulatorProcess
from tools.packaging.aws import checks, layer, template
from tools.processes import ToolError

STAGE = "local"

_CHECK_QUEUES = tuple(f"Check{checks.logical_name(check)}" for check in facts.checks())
_QUEUES = ("Uploads", *_CHECK_QUEUES, "Deliveries", "Erasures")
_QUEUE_OF = {
    Step.VERIFY_UPLOAD: "Uploads",
    # Every check's queue feeds the same function.
    Step.RUN_CHECK: _CHECK_QUEUES[0],
    Step.DELIVER_RESULT: "Deliveries",
    Step.ERASE: "Erasures",
}
_SECRETS = {
    "vendor_key": "VendorKey",
    "senseid_key": "SenseIdKey",
    "api_keys": "ApiKeys",
    "webhooks": "Webhooks",
}
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


@contextmanager
def run_deployment(
    vendor: EmulatorProcess, parameters: Mapping[str, str], logs: Path
) -> Iterator[AwsDeployment]:
    """The service deployed to a local AWS of its own, until the block ends.

    Args:
        vendor: plays the vendors.
        parameters: params of serverless.yml to set.
        logs: where everything is logged.

    Raises:
        ToolError: something did not start or deploy; the text shows the right log's end.
    """
    function_logs = logs / "functions.log"
    with ministack.run_ministack(template.REGION, logs / "ministack.log", function_logs) as aws:
        service = template.snapshot(logs / "service")
        try:
            layer.build("local", service / template.LAYER)
            outputs = deploy(service, aws, {**_vendors(vendor), **parameters}, logs)
            _set_time_to_live(aws, outputs["TableName"])
            yield AwsDeployment(aws, outputs)
        finally:
            processes.remove(service)


@dataclass(frozen=True)
class AwsDeployment:
    """A deployed stack: `outputs` by their names in the template."""

    aws: ministack.LocalAws
    outputs: Mapping[str, str]

    @property
    def api(self) -> str:
        return self.aws.http_api_url(self.outputs["HttpApiId"])

    def document(self) -> dict[str, Any]:
        return {
            "region": self.aws.region,
            "endpoint": self.aws.endpoint,
            "access_key": template.LOCAL_KEY,
            "secret_key": template.LOCAL_KEY,
            "outputs": dict(self.outputs),
        }

    def put_secrets(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        manager = self.aws.client("secretsmanager")
        for name, document in documents.items():
            manager.put_secret_value(
                SecretId=self.outputs[f"{_SECRETS[name]}SecretArn"],
                SecretString=json.dumps(document),
            )

    def require_running(self) -> None:
        self.aws.child.require_running()

    @contextmanager
    def without_trigger(self) -> Iterator[None]:
        s3, bucket = self.aws.client("s3"), self.outputs["BucketName"]
        configuration = s3.get_bucket_notification_configuration(Bucket=bucket)
        configuration.pop("ResponseMetadata", None)
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
        try:
            yield
        finally:
            s3.put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration=configuration
            )

    @contextmanager
    def with_variable(self, function: str, name: str, text: str) -> Iterator[None]:
        functions, deployed = self.aws.client("lambda"), f"liveproof-{STAGE}-{function}"
        before = functions.get_function_configuration(FunctionName=deployed)["Environment"]
        changed = {"Variables": {**before["Variables"], name: text}}
        functions.update_function_configuration(FunctionName=deployed, Environment=changed)
        try:
            yield
        finally:
            functions.update_function_configuration(FunctionName=deployed, Environment=before)

    def stored(self, key: str) -> bytes:
        try:
            answer = self.aws.client("s3").get_object(Bucket=self.outputs["BucketName"], Key=key)
            body: bytes = answer["Body"].read()
        except (BotoCoreError, ClientError) as error:
            raise ToolError(f"{key} cannot be read: {error}") from None
        return body

    def send(self, step: Step, message: Mapping[str, Any], times: int = 1) -> None:
        url = self.outputs[f"{_QUEUE_OF[step]}QueueUrl"]
        for _ in range(times):
            self.aws.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(message))

    def object_created(self, url: str, times: int = 1) -> None:
        bucket, _, key = unquote(urlsplit(url).path).lstrip("/").partition("/")
        record = {
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": bucket}, "object": {"key": key}},
        }
        self.send(Step.VERIFY_UPLOAD, {"Records": [record]}, times)

    def sweep(self) -> None:
        self.aws.client("lambda").invoke(FunctionName=f"liveproof-{STAGE}-sweep", Payload=b"{}")

    def waiting(self) -> int:
        return sum(self._messages(f"{queue}QueueUrl") for queue in _QUEUES)

    def dead_letters(self) -> int:
        return sum(self._messages(f"{queue}DeadLetterQueueUrl") for queue in _QUEUES)

    def retries(self) -> int:
        return self.aws.receives_again()

    def workers(self, function: str | None = None) -> list[int]:
        running = processes.children_with(self.aws.child.process.pid, "AWS_LAMBDA_FUNCTION_NAME")
        return [pid for pid, name in running.items() if function in (None, name.rpartition("-")[2])]

    def _messages(self, output: str) -> int:
        answer = self.aws.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs[output], AttributeNames=list(_COUNTS)
        )
        return sum(int(count) for count in answer["Attributes"].values())


def of(cloud: LocalCloud) -> AwsDeployment:
    """A local cloud's deployment, where it is on AWS. Raises TypeError for another."""
    if not isinstance(cloud.deployment, AwsDeployment):
        raise TypeError(f"{cloud.name} is not the local AWS")
    return cloud.deployment


def deploy(
    service: Path, aws: ministack.LocalAws, parameters: Mapping[str, str], logs: Path
) -> dict[str, str]:
    """Deploys a snapshot of the service to a local AWS; returns the stack's outputs.

    Raises:
        ToolError: osls refused or the stack failed; the text shows the log's end.
    """
    arguments = ["deploy", "--stage", STAGE]
    values = {"layerPath": template.LAYER, **parameters}
    template.osls(arguments, values, service, aws.credentials(), logs / "osls.log")
    stacks = aws.client("cloudformation").describe_stacks(StackName=f"liveproof-{STAGE}")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}


def _set_time_to_live(aws: ministack.LocalAws, table: str) -> None:
    """What CloudFormation does on AWS. MiniStack leaves it out of a table that it makes."""
    aws.client("dynamodb").update_time_to_live(
        TableName=table,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"},
    )


def _vendors(vendor: EmulatorProcess) -> dict[str, str]:
    """The params that put the emulator in the vendors' places."""
    return {
        "vendorEndpoint": vendor.url,
        "iaiEndpoint": vendor.url,
        "senseidUrl": vendor.senseid_url,
    }
