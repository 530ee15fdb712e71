"""The queues of a deployment on AWS, with their dead letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from liveproof.clock import now_ms
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import AwsError, AwsRefused

_SUFFIX = "DeadLetterQueueUrl"
_HIDDEN_SECONDS = 300
"""A dead letter that a command looks at is hidden from others for so long, or until it is put back:
as long as a person may need to answer."""
_MINUTES_OF_AGES = 15
"""How far back a queue's age is looked for. SQS sends it to CloudWatch every minute; it may begin a
quarter of an hour late for a queue that was idle for six hours (SQS Developer Guide, "Available
CloudWatch metrics for Amazon SQS")."""


@dataclass(frozen=True)
class Queue:
    """A queue of the stack: its name there, such as `CheckReflect`, its URL, its dead letters'."""

    name: str
    url: str
    dead_letters_url: str


@dataclass(frozen=True)
class DeadLetter:
    """A message that used up its attempts."""

    queue: Queue
    body: str
    group: str | None
    receipt: str


@dataclass(frozen=True)
class Depth:
    """How many messages wait, are being handled, or wait for their time; and a setting."""

    waiting: int
    in_flight: int
    delayed: int
    visibility_seconds: int


class Queues:
    """Every queue of a stack.

    Args:
        outputs: the stack's.
    """

    def __init__(self, clients: Clients, outputs: Mapping[str, str]) -> None:
        self._sqs = clients.sqs
        # The protocol and its prefix: CloudWatch's API model in botocore 1.43.
        self._cloudwatch = clients.json_api_of(
            "monitoring", "CLOUDWATCH", "GraniteServiceVersion20100801", "1.0"
        )
        self.all = tuple(
            Queue(name.removesuffix(_SUFFIX), outputs[f"{name.removesuffix(_SUFFIX)}QueueUrl"], url)
            for name, url in sorted(outputs.items())
            if name.endswith(_SUFFIX)
        )

    def depth(self, url: str) -> Depth:
        """What SQS knows of a queue, approximately."""
        answer = self._sqs.call(
            "GetQueueAttributes",
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
                "VisibilityTimeout",
            ],
        )["Attributes"]
        return Depth(
            int(answer["ApproximateNumberOfMessages"]),
            int(answer["ApproximateNumberOfMessagesNotVisible"]),
            int(answer["ApproximateNumberOfMessagesDelayed"]),
            int(answer["VisibilityTimeout"]),
        )

    def oldest_seconds(self) -> dict[str, int]:
        """How old the oldest message of each queue is, by the queue's name, as CloudWatch knows it.

        A message is as old as the time since it was sent. One that was received three times and
        not deleted counts no more. A queue is missing if CloudWatch has no age of it: it is empty,
        or has just got its first message for hours, or the AWS is a local one.
        """
        now = now_ms() // 1000
        answer = self._cloudwatch.call(
            "GetMetricData",
            StartTime=now - _MINUTES_OF_AGES * 60,
            EndTime=now,
            ScanBy="TimestampDescending",
            MetricDataQueries=[
                {
                    "Id": f"q{number}",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": "AWS/SQS",
                            "MetricName": "ApproximateAgeOfOldestMessage",
                            "Dimensions": [
                                {"Name": "QueueName", "Value": queue.url.rpartition("/")[2]}
                            ],
                        },
                        "Period": 60,
                        "Stat": "Maximum",
                    },
                }
                for number, queue in enumerate(self.all)
            ],
        )
        points = {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}
        return {
            queue.name: round(points[f"q{number}"][0])
            for number, queue in enumerate(self.all)
            if points.get(f"q{number}")
        }

    def dead_letters(self, queue: Queue) -> Iterator[DeadLetter]:
        """Those of a queue, each once. They stay, hidden for a time.

        A poll that does not wait asks some of SQS's servers only, and may see none of them.
        """
        seen: set[str] = set()
        wait_seconds = 0
        while True:
            answer = self._sqs.call(
                "ReceiveMessage",
                QueueUrl=queue.dead_letters_url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=wait_seconds,
                MessageSystemAttributeNames=["MessageGroupId"],
            )
            messages = [m for m in answer.get("Messages", ()) if m["MessageId"] not in seen]
            if not messages:
                if wait_seconds or not self._may_have_more(queue.dead_letters_url):
                    return
                wait_seconds = 1
                continue
            wait_seconds = 0
            for message in messages:
                seen.add(message["MessageId"])
                group = message.get("Attributes", {}).get("MessageGroupId")
                yield DeadLetter(queue, message["Body"], group, message["ReceiptHandle"])

    def _may_have_more(self, url: str) -> bool:
        """Whether messages may wait; True where the login may not ask."""
        try:
            return self.depth(url).waiting > 0
        except AwsRefused:
            return True

    def send_back(self, letter: DeadLetter) -> None:
        """Into its queue, and out of the dead letters. A failure in between leaves a copy."""
        message: dict[str, Any] = {"QueueUrl": letter.queue.url, "MessageBody": letter.body}
        if letter.group is not None:
            message["MessageGroupId"] = letter.group
        self._sqs.call("SendMessage", **message)
        self.drop(letter)

    def drop(self, letter: DeadLetter) -> None:
        """Out of the dead letters."""
        self._sqs.call(
            "DeleteMessage",
            QueueUrl=letter.queue.dead_letters_url,
            ReceiptHandle=letter.receipt,
        )

    def put_back(self, letter: DeadLetter) -> None:
        """Shown to others again, as it was before somebody looked at it.

        One that cannot be shown now was taken by somebody else, or shows itself when its time ends.
        """
        with suppress(AwsError):
            self._sqs.call(
                "ChangeMessageVisibility",
                QueueUrl=letter.queue.dead_letters_url,
                ReceiptHandle=letter.receipt,
                VisibilityTimeout=0,
            )
