"""The receiver of `liveproof webhook listen`."""

from __future__ import annotations

import http.client
import json
import time
from urllib.parse import urlsplit

from liveproof_cli.webhooks.lines import describe
from tests.support.servers import closed_port
from tests.support.signing import BODY, ID, OTHER_SECRET, PUBLIC_KEY, SECRET, signed_twice
from tests.support.upstream import post, upstream
from tools.webhooks.forwarding import require_target
from tools.webhooks.receiver import Received, Receiver, serving


def fresh() -> dict[str, str]:
    return {**signed_twice(at=int(time.time())), "webhook-attempt": "2"}


def test_a_valid_webhook_is_answered_204_and_shown() -> None:
    shown: list[Received] = []
    with serving(Receiver([SECRET, PUBLIC_KEY], show=shown.append)) as url:
        assert post(url, fresh(), BODY)[0] == 204
    (received,) = shown
    (line,) = describe(received, with_body=False)
    for part in (ID, "verification.passed #2", "valid v1+v1a", "204", " ms"):
        assert part in line


def test_a_webhook_of_another_secret_is_answered_401_with_the_reason() -> None:
    shown: list[Received] = []
    with serving(Receiver([OTHER_SECRET], show=shown.append)) as url:
        status, text, _ = post(url, fresh(), BODY)
    assert status == 401
    assert b"not signed this webhook" in text
    assert "NOT VALID: wrong_secret" in describe(shown[0], with_body=False)[0]
    assert any(line.startswith("  what to do: ") for line in describe(shown[0], with_body=False))


def test_without_a_secret_nothing_is_judged() -> None:
    shown: list[Received] = []
    with serving(Receiver([], show=shown.append)) as url:
        assert post(url, {}, BODY)[0] == 204
    assert "not checked" in describe(shown[0], with_body=False)[0]


def test_the_first_ones_fail_on_purpose_and_are_not_handed_on() -> None:
    with upstream() as (target, own):
        receiver = Receiver([SECRET], target=require_target(target), failures=2, failure_status=500)
        with serving(receiver) as url:
            assert [post(url, fresh(), BODY)[0] for _ in range(4)] == [500, 500, 201, 201]
        assert len(own.requests) == 2
    assert [webhook.failed_on_purpose for webhook in receiver.received()] == [
        True,
        True,
        False,
        False,
    ]
    assert "500 (on purpose)" in describe(receiver.received()[0], with_body=False)[0]


def test_bytes_and_headers_are_handed_on_unchanged_and_the_answer_comes_back() -> None:
    headers = {**fresh(), "Content-Type": "application/json", "X-Ümlaut".encode().hex(): "é"}
    body = BODY + b" \x00\xff"
    with upstream() as (target, own), serving(Receiver([], target=require_target(target))) as url:
        status, text, answered = post(url, headers, body)
    assert (status, text) == (201, b"thanks")
    assert (answered["Retry-After"], answered["X-Own"]) == ("1", "yes")
    ((path, arrived, content),) = own.requests
    assert path == "/own/hook?a=1"
    assert content == body
    for name, value in headers.items():
        assert (name, value) in arrived
    assert dict(arrived)["Host"] == urlsplit(target).netloc


def test_an_invalid_webhook_is_forwarded_as_well() -> None:
    with upstream(401) as (target, own):
        with serving(Receiver([OTHER_SECRET], target=require_target(target))) as url:
            assert post(url, fresh(), BODY)[0] == 401
        assert len(own.requests) == 1


def test_a_redirect_is_the_answer_and_is_not_followed() -> None:
    with upstream(302) as (target, own):
        with serving(Receiver([], target=require_target(target))) as url:
            assert post(url, fresh(), BODY)[0] == 302
        assert len(own.requests) == 1


def test_without_a_receiver_to_forward_to_the_answer_is_a_503_that_says_so() -> None:
    shown: list[Received] = []
    target = require_target(f"http://127.0.0.1:{closed_port()}/hook")
    with serving(Receiver([], target=target, show=shown.append)) as url:
        status, text, _ = post(url, fresh(), BODY)
    assert (status, text) == (503, b"no answer of the receiver: not_connected\n")
    assert "503 (not_connected)" in describe(shown[0], with_body=False)[0]


def test_the_body_is_shown_on_demand() -> None:
    receiver = Receiver([SECRET])
    with serving(receiver) as url:
        post(url, fresh(), BODY)
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        documents = {}
        for path in ("/", f"/{ID}", "/msg_other"):
            connection.request("GET", path)
            answer = connection.getresponse()
            documents[path] = (answer.status, json.loads(answer.read()))
        connection.close()
    status, (document,) = documents[f"/{ID}"]
    assert status == 200
    assert document["body"] == BODY.decode()
    assert document["headers"]["webhook-id"] == ID
    assert (document["verified"], document["versions"], document["attempt"]) == (True, ["v1"], "2")
    assert documents["/"] == (200, [document])
    assert documents["/msg_other"] == (404, [])
    text = describe(receiver.received()[0], with_body=True)
    assert f"  {BODY.decode()}" in text
    assert f"  webhook-id: {ID}" in text


def test_a_stranger_cannot_write_control_characters_to_the_terminal() -> None:
    receiver = Receiver([])
    receiver.receive({"webhook-id": "\x1b[2J"}, b'{"type": "\\u001b[31m"}\x1b')
    assert all("\x1b" not in line for line in describe(receiver.received()[0], with_body=True))


def test_a_body_beyond_64_kb_and_one_without_a_length_are_not_read() -> None:
    with serving(Receiver([])) as url:
        assert post(url, {"Content-Length": str(10**9)}, b"")[0] == 413
        assert post(url, {"Transfer-Encoding": "chunked"}, b"0\r\n\r\n")[0] == 411
