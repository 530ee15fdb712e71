"""`liveproof redrive`: what each dead letter and overdue step would do and cost, and that it is
sent only when somebody says so."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from liveproof.clock import now_ms
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.clouds.aws.signature import Credentials
from liveproof.domain import lifecycle
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Decision, Verification
from liveproof.ports import Records
from liveproof_cli.commands import redrive
from liveproof_cli.deployments.queues import DeadLetter, Queue, Queues
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.redriving import FREE, PAID, PAID_LATER, effect_of
from tests.support.aws import BUCKET, REGION, TABLE, account, check_queue
from tests.support.command_line import Liveproof
from tests.support.servers import http, read_request, serving
from tests.support.stacks import cloudformation
from tests.support.verifications import NOW, ready, settled, verdict, verification

DEPLOYMENT = ("--deployment", f"aws:test@{REGION}")


def overdue() -> Verification:
    """Ready for its check since a minute, by the real clock."""
    return replace(ready(), due_at=now_ms() - 60_000)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Clients, dict[str, str]]]:
    """A mocked account with the stack `liveproof-test`, whose queues have dead letters."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with account() as clients:
        outputs = {"TableName": TABLE, "BucketName": BUCKET}
        names = {"Uploads": "uploads", "Deliveries": "deliveries", "Erasures": "erasures"}
        names |= {f"Check{check.title()}": check_queue(check)
                  for check in ("reflect", "video", "photo", "silent")}  # fmt: skip
        for output, name in names.items():
            for ending, queue in (("QueueUrl", name), ("DeadLetterQueueUrl", f"{name}-dead")):
                url = clients.sqs.call("CreateQueue", QueueName=queue)["QueueUrl"]
                outputs[f"{output}{ending}"] = url
        with cloudformation({"liveproof-test": outputs}) as url:
            monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", url)
            yield clients, outputs


def bodies(clients: Clients, url: str) -> list[Any]:
    """Every message of a queue that may be received now."""
    answer = clients.sqs.call(
        "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [message["Body"] for message in answer.get("Messages", ())]


def test_what_was_looked_at_is_shown_to_others_again_although_the_rest_cannot_be_read(
    liveproof: Liveproof,
    stack: tuple[Clients, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clients, outputs = stack
    url = outputs["CheckReflectDeadLetterQueueUrl"]
    clients.sqs.call("SendMessage", QueueUrl=url, MessageBody="no JSON")

    def refuse(*arguments: object) -> None:
        raise CannotBeDone("the table cannot be read")

    monkeypatch.setattr(redrive, "given_up", refuse)

    assert liveproof(*DEPLOYMENT, "redrive", "--dry-run").status == 1
    assert bodies(clients, url) == ["no JSON"]


@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_a_letter_that_somebody_took_meanwhile_stops_no_other(
    liveproof: Liveproof,
    stack: tuple[Clients, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    option: str,
) -> None:
    """Looking at many takes longer than a letter is hidden from others."""
    clients, outputs = stack
    url = outputs["CheckReflectDeadLetterQueueUrl"]
    made = DynamoRecords(clients, TABLE, record_days=1).save(overdue())
    ours = json.dumps({"id": made.id})
    clients.sqs.call("SendMessage", QueueUrl=url, MessageBody="no JSON")
    look = Queues.dead_letters

    def as_another_operator_deletes(queues: Queues, queue: Queue) -> Iterator[DeadLetter]:
        for letter in look(queues, queue):
            yield letter
            if letter.body == "no JSON":
                queues.drop(letter)
                clients.sqs.call("SendMessage", QueueUrl=url, MessageBody=ours)

    monkeypatch.setattr(Queues, "dead_letters", as_another_operator_deletes)
    done = liveproof(*DEPLOYMENT, "redrive", option, "--json")

    assert (done.status, done.err) == (0, "")
    assert made.id in [line["id"] for line in done.lines]
    queue = url if option == "--dry-run" else outputs["CheckReflectQueueUrl"]
    assert bodies(clients, queue) == [ours]


def test_dead_letters_are_listed_kept_and_sent_back(
    liveproof: Liveproof, stack: tuple[Clients, dict[str, str]]
) -> None:
    clients, outputs = stack
    made = DynamoRecords(clients, TABLE, record_days=1).save(overdue())
    ours, alien = json.dumps({"id": made.id}), "no JSON"
    for body in (ours, alien):
        clients.sqs.call(
            "SendMessage", QueueUrl=outputs["CheckReflectDeadLetterQueueUrl"], MessageBody=body
        )

    dry = liveproof(*DEPLOYMENT, "redrive", "--dry-run", "--json")
    assert {(line["id"], line["costs"], line["sent"]) for line in dry.lines} == {
        (made.id, PAID, False),
        (None, FREE, False),
    }
    refused = liveproof(*DEPLOYMENT, "redrive")
    assert refused.status == 2
    assert "--yes" in refused.err
    # Neither took anything, and nothing is hidden.
    assert set(bodies(clients, outputs["CheckReflectDeadLetterQueueUrl"])) == {ours, alien}
    assert bodies(clients, outputs["CheckReflectQueueUrl"]) == []

    sent = liveproof(*DEPLOYMENT, "redrive", "--yes", "--json")
    assert [line["id"] for line in sent.lines] == [made.id]
    assert bodies(clients, outputs["CheckReflectQueueUrl"]) == [ours]
    assert bodies(clients, outputs["CheckReflectDeadLetterQueueUrl"]) == [alien]


def test_an_overdue_verification_without_a_message_gets_one(
    liveproof: Liveproof, stack: tuple[Clients, dict[str, str]]
) -> None:
    clients, outputs = stack
    records = DynamoRecords(clients, TABLE, record_days=1)
    made = records.save(overdue())
    awaited = records.save(verification())

    done = liveproof(*DEPLOYMENT, "redrive", "--yes", "--json")

    assert {(line["id"], line["from"]) for line in done.lines} == {
        (made.id, "overdue"),
        (awaited.id, "overdue"),
    }
    assert bodies(clients, outputs["CheckReflectQueueUrl"]) == [json.dumps({"id": made.id})]
    assert bodies(clients, outputs["UploadsQueueUrl"]) == [json.dumps({"id": awaited.id})]


def test_a_messages_group_goes_back_with_it(stack: tuple[Clients, dict[str, str]]) -> None:
    clients, outputs = stack
    clients.sqs.call(
        "SendMessage", QueueUrl=outputs["DeliveriesDeadLetterQueueUrl"], MessageBody="{}",
        MessageGroupId="shop",
    )  # fmt: skip
    queues = Queues(clients, outputs)
    (deliveries,) = [queue for queue in queues.all if queue.name == "Deliveries"]
    (letter,) = queues.dead_letters(deliveries)
    queues.send_back(letter)

    answer = clients.sqs.call(
        "ReceiveMessage", QueueUrl=outputs["DeliveriesQueueUrl"], AttributeNames=["All"]
    )
    assert answer["Messages"][0]["Attributes"]["MessageGroupId"] == letter.group == "shop"


@pytest.mark.parametrize("may_count", [True, False])
def test_letters_that_a_short_poll_does_not_see_are_found(may_count: bool) -> None:
    """A short poll asks some of SQS's servers: it may be empty although there are messages (SQS
    Developer Guide, "Amazon SQS short and long polling"). `redrive` had nothing to send then."""
    left, polls = [{"MessageId": "1", "Body": "{}", "ReceiptHandle": "r"}], []

    def serve(connection: socket.socket) -> None:
        head, _, body = read_request(connection).partition(b"\r\n\r\n")
        document: dict[str, Any] = {}
        status = 200
        if b"AmazonSQS.ReceiveMessage" in head:
            polls.append(json.loads(body)["WaitTimeSeconds"])
            if polls[-1] and left:
                document = {"Messages": [left.pop()]}
        elif may_count:
            names = json.loads(body)["AttributeNames"]
            document = {"Attributes": {**dict.fromkeys(names, "0"), names[0]: str(len(left))}}
        else:
            status, document = 403, {"__type": "com.amazonaws.sqs#AccessDenied"}
        connection.sendall(http(status, json.dumps(document).encode(), Connection="close"))

    outputs = {"UploadsQueueUrl": "http://sqs/1/q", "UploadsDeadLetterQueueUrl": "http://sqs/1/d"}
    with serving(serve) as sqs:
        key = Credentials("a", "b", None)
        clients = Clients(REGION, lambda: key, endpoint=f"http://127.0.0.1:{sqs.port}")
        queues = Queues(clients, outputs)
        found = [letter.body for queue in queues.all for letter in queues.dead_letters(queue)]

    assert found == ["{}"]
    # Where SQS says that there is none, nobody waits for one.
    assert polls == ([0, 1, 0] if may_count else [0, 1, 0, 1])


@pytest.mark.usefixtures("named")
def test_on_tencent_cloud_a_key_is_needed_to_send_and_none_to_look(
    liveproof: Liveproof, records: Records
) -> None:
    records.save(overdue())

    assert liveproof("redrive", "--dry-run").status == 0
    sent = liveproof("redrive", "--yes")
    assert sent.status == 1
    assert "TENCENTCLOUD_SECRET_ID" in sent.err


def test_the_effect_and_cost_of_a_step_follow_from_the_record() -> None:
    late = NOW + 10_000_000
    answered = settled(CallOutcome.ANSWERED)
    decided = lifecycle.decided(ready(), verdict(Decision.PASSED))
    effects = {
        "gone": (effect_of(None, NOW), FREE),
        "awaited": (effect_of(verification(), NOW), PAID_LATER),
        "expired": (effect_of(verification(), late), PAID_LATER),
        "ready": (effect_of(ready(), late), PAID),
        "answered": (effect_of(answered, late), FREE),
        "decided": (effect_of(decided, late), FREE),
        "leased": (effect_of(answered, NOW), FREE),
    }
    assert {name: effect.costs for name, (effect, _) in effects.items()} == {
        name: costs for name, (_, costs) in effects.items()
    }
    assert "live_data, image" in effects["awaited"][0].does
