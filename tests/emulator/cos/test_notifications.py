"""Events of new objects, as COS hands them to a function."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from liveproof_emulator import testing
from tests.emulator.cos.signer import BUCKET, KEY, Presign, presigner


class Receiver(ThreadingHTTPServer):
    """Keeps the events; answers with the statuses in `answers`, then with 200."""

    daemon_threads = True

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.answers: list[int] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/events"

    def wait(self, count: int, seconds: float = 10.0) -> list[Any]:
        deadline = time.monotonic() + seconds
        while len(self.events) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.events


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.events.append(json.loads(body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def presign(vendor: testing.Running) -> Presign:
    return presigner(vendor)


@pytest.fixture(autouse=True)
def _nobody_afterwards(vendor: testing.Running) -> Iterator[None]:
    yield
    vendor.notify(BUCKET, None)


def waiting(vendor: testing.Running, web: Any) -> int:
    count: int = web("GET", f"{vendor.url}/_emulator/notifications").json()["waiting"]
    return count


def test_an_event_has_the_fields_that_the_vendor_publishes(
    vendor: testing.Running, receiver: Receiver, presign: Presign, web: Any
) -> None:
    vendor.notify(BUCKET, receiver.url)
    before = int(time.time())
    url = presign("PUT")
    sent = {"Content-Type": "image/jpeg", "x-cos-meta-md5": "abc"}
    reply = web("PUT", url, b"bytes", sent)
    (event,) = receiver.wait(1)[0]["Records"]
    cos, happened = event["cos"], event["event"]
    assert set(event) == {"cos", "event"}
    assert cos == {
        "cosSchemaVersion": "1.0",
        "cosObject": {
            "url": f"http://{BUCKET}/uploads/ver%20one/live_data",
            "meta": {
                "x-cos-request-id": reply.headers["x-cos-request-id"],
                "Content-Type": "image/jpeg",
                "x-cos-meta-md5": "abc",
            },
            "vid": "",
            "key": f"/1250000000/team/{KEY}",
            "size": 5,
        },
        "cosBucket": {"region": "sg", "name": "team", "appid": "1250000000"},
        "cosNotificationId": "unkown",
    }
    assert before <= happened.pop("eventTime") <= time.time()
    assert isinstance(happened.pop("reqid"), int)
    authorization = happened["requestParameters"].pop("requestHeaders").pop("Authorization")
    assert authorization.startswith(f"q-sign-algorithm=sha1&q-ak={vendor.secret_id}&q-sign-time=")
    assert authorization.rpartition("=")[2] in url
    assert happened == {
        "eventName": "cos:ObjectCreated:Put",
        "eventVersion": "1.0",
        "eventSource": "qcs::cos",
        "requestParameters": {"requestSourceIP": "127.0.0.1"},
        "eventQueue": "qcs:0:lambda:sg:appid/1250000000:default.function.$LATEST",
        "reservedInfo": "",
    }


def test_only_stored_objects_of_the_bucket_are_notified(
    vendor: testing.Running, receiver: Receiver, presign: Presign, web: Any
) -> None:
    vendor.notify(BUCKET, receiver.url)
    other = "other-1250000000.cos.ap-singapore.myqcloud.com"
    assert web("PUT", presign("PUT", "other", bucket=other), b"x").status == 200
    assert web("PUT", presign("PUT", "bad"), b"x", {"Content-MD5": "AAAA"}).status == 400
    assert web("PUT", presign("PUT", "unsigned").partition("?")[0], b"x").status == 403
    once = {"x-cos-forbid-overwrite": "true"}
    assert web("PUT", presign("PUT", "once"), b"x", once).status == 200
    assert web("PUT", presign("PUT", "once"), b"x", once).status == 409
    vendor.fault("PutObject", "timeout-before-charge")
    with pytest.raises(TimeoutError):
        web("PUT", presign("PUT", "lost"), b"x", seconds=0.3)
    vendor.fault("PutObject", "reset-after-body")
    with pytest.raises(ConnectionError):
        web("PUT", presign("PUT", "unheard"), b"x")
    assert web("GET", presign("GET", "once")).status == 200
    assert web("DELETE", presign("DELETE", "once")).status == 204
    receiver.wait(2)
    time.sleep(0.2)
    keys = [event["Records"][0]["cos"]["cosObject"]["key"] for event in receiver.events]
    assert sorted(keys) == ["/1250000000/team/once", "/1250000000/team/unheard"]


def test_an_upload_does_not_wait_for_its_event_which_is_sent_until_it_is_taken(
    vendor: testing.Running, receiver: Receiver, presign: Presign, web: Any
) -> None:
    receiver.answers = [500, 404, 302]
    vendor.notify(BUCKET, receiver.url)
    assert web("PUT", presign("PUT"), b"x").status == 200
    events = receiver.wait(4)
    assert len(events) == 4
    assert events[0] == events[3]
    deadline = time.monotonic() + 5
    while waiting(vendor, web) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert waiting(vendor, web) == 0
    assert len(receiver.events) == 4


def test_events_come_in_copies_and_late_if_asked_for(
    vendor: testing.Running, receiver: Receiver, presign: Presign, web: Any
) -> None:
    vendor.notify(BUCKET, receiver.url, copies=3, delay_seconds=0.4)
    web("PUT", presign("PUT"), b"x")
    assert waiting(vendor, web) == 3
    time.sleep(0.15)
    assert receiver.events == []
    events = receiver.wait(3)
    assert events == [events[0]] * 3
    listed = web("GET", f"{vendor.url}/_emulator/notifications").json()["notifications"]
    assert listed == [{"bucket": BUCKET, "url": receiver.url, "copies": 3, "delay_seconds": 0.4}]


def test_a_reset_drops_events_on_their_way_and_keeps_the_receiver(
    vendor: testing.Running, receiver: Receiver, presign: Presign, web: Any
) -> None:
    vendor.notify(BUCKET, receiver.url, delay_seconds=0.3)
    web("PUT", presign("PUT", "dropped"), b"x")
    vendor.reset()
    assert waiting(vendor, web) == 0
    web("PUT", presign("PUT", "told"), b"x")
    receiver.wait(1)
    time.sleep(0.2)
    keys = [event["Records"][0]["cos"]["cosObject"]["key"] for event in receiver.events]
    assert keys == ["/1250000000/team/told"]


def test_a_bucket_has_one_receiver_or_none(
    vendor: testing.Running, receiver: Receiver, presign: Presign, web: Any
) -> None:
    vendor.notify(BUCKET, "http://127.0.0.1:9/nobody")
    vendor.notify(BUCKET, receiver.url)
    web("PUT", presign("PUT"), b"x")
    assert len(receiver.wait(1)) == 1
    vendor.notify(BUCKET, None)
    web("PUT", presign("PUT"), b"x")
    assert waiting(vendor, web) == 0
    assert len(receiver.events) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"bucket": "team"},
        {"bucket": BUCKET, "url": "https://example.com/"},
        {"bucket": BUCKET, "url": 1},
        {"bucket": BUCKET, "copies": 2},
        {"bucket": BUCKET, "url": "http://127.0.0.1/", "copies": 0},
        {"bucket": BUCKET, "url": "http://127.0.0.1/", "copies": 101},
        {"bucket": BUCKET, "url": "http://127.0.0.1/", "copies": True},
        {"bucket": BUCKET, "url": "http://127.0.0.1/", "delay_seconds": -1},
        {"bucket": BUCKET, "url": "http://127.0.0.1/", "delay_seconds": "1"},
        {"bucket": BUCKET, "url": "http://127.0.0.1/", "events": ["*"]},
    ],
)
def test_a_wrong_body_changes_nothing(vendor: testing.Running, web: Any, body: object) -> None:
    url = f"{vendor.url}/_emulator/notifications"
    reply = web("POST", url, json.dumps(body).encode())
    assert (reply.status, bool(reply.json()["error"])) == (400, True)
    assert web("GET", url).json() == {"notifications": [], "waiting": 0}
