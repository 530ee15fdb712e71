"""What a hostile or broken vendor answers to the paid call, and what must come of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.attack.rows import Outcome, bounded
from tests.attack.vendor_ground import (
    WAYS,
    Judged,
    Vendor,
    Way,
    answering,
    base64_of,
    json_answer,
    judge,
)
from tests.support.servers import http


@dataclass(frozen=True)
class Must:
    """What must come of an answer: the table's text, and the test of it."""

    text: str
    holds: Callable[[Judged], bool]


def _settled(judged: Judged) -> bool:
    """The step did not fail, and no call is left as if it were still out."""
    return not judged.failed and "called" not in judged.outcomes


PASSES = Must("passed", lambda judged: judged.decision == "passed")
NO_PASS = Must(
    "no pass, settled at once", lambda judged: judged.decision != "passed" and _settled(judged)
)
NO_FRAME = Must(
    "passed, and no frame is kept",
    lambda judged: judged.decision == "passed" and not judged.kept,
)
UNKNOWN = Must(
    "unknown, settled at once, asked once",
    lambda judged: (
        judged.outcomes == ("unknown",) and judged.vendor.paid_requests() == 1 and _settled(judged)
    ),
)
INCOMPLETE = Must(
    "error vendor_answer_incomplete",
    lambda judged: judged.reason == "vendor_answer_incomplete" and _settled(judged),
)
NOTHING_KEPT = Must(
    "no frame is kept, settled at once",
    lambda judged: not judged.kept and _settled(judged),
)
UNKNOWN_CODE = Must(
    "error vendor_code_unknown",
    lambda judged: judged.reason == "vendor_code_unknown" and _settled(judged),
)


@dataclass(frozen=True)
class Reply:
    """A row: an answer to the paid call in words of the way's own fields.

    Attributes:
        answer: gives the HTTP answer of a way.
        ways: the ways that meet it.
    """

    name: str
    must: Must
    answer: Callable[[Way], bytes]
    ways: tuple[str, ...] = ("photo", "CompareFaceLiveness", "silent")


def fields(**changes: Any) -> Callable[[Way], bytes]:
    """A passing answer but for these fields."""
    return lambda way: json_answer(way.answer(**changes))


def score(text: str) -> Callable[[Way], bytes]:
    """A passing answer whose score is this very JSON text."""

    def make(way: Way) -> bytes:
        name = {"photo": "Score", "silent": "verification_score"}.get(way.name, "Sim")
        body = way.answer(**{name: "$SCORE"}).replace(b'"$SCORE"', text.encode())
        return json_answer(body)

    return make


def whole(body: bytes, **headers: str) -> Callable[[Way], bytes]:
    return lambda way: json_answer(body, **headers)


def recoded(encoding: str, content_type: str) -> Callable[[Way], bytes]:
    """A passing answer in another encoding."""
    return lambda way: json_answer(
        way.answer().decode().encode(encoding), Content_Type=content_type
    )


def added(text: str, **headers: str) -> Callable[[Way], bytes]:
    """A passing answer with this JSON text before its first field."""

    def make(way: Way) -> bytes:
        body = way.answer()
        start = body.index(b"{", 0 if way.senseid else 1) + 1
        return json_answer(body[:start] + text.encode() + b", " + body[start:], **headers)

    return make


def behind(text: str) -> Callable[[Way], bytes]:
    """A passing answer with this JSON text after its last field."""

    def make(way: Way) -> bytes:
        body = way.answer()
        ends = -1 if way.senseid else -2
        return json_answer(body[:ends] + b", " + text.encode() + body[ends:])

    return make


def status(number: int, **headers: str) -> Callable[[Way], bytes]:
    """A passing answer's body under another status."""
    return lambda way: http(number, way.answer(), Content_Type="application/json", **headers)


_BOTH = ("photo", "CompareFaceLiveness")
_FACES = ("CompareFaceLiveness", "LivenessCompare")

_NO_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400)
_NO_SCORES = ('"99"', "true", "null", "101", "-1", "[98]", "{}")
SCORES = (
    *(Reply(f"score {text[:12]}", NO_PASS, score(text)) for text in _NO_NUMBERS),
    *(Reply(f"score {text}", INCOMPLETE, score(text)) for text in _NO_SCORES),
    Reply("score of 5 000 digits", NO_PASS, score("1" * 5000)),
    Reply("score 1.1 where the scale ends at 1", INCOMPLETE, score("1.1"), ("silent",)),
    Reply("no score", INCOMPLETE, fields(Sim=..., Score=..., verification_score=...)),
    Reply("score twice, the low one first", NO_PASS, behind('"Score": 99, "Sim": 99'),
         _BOTH),
    Reply("score twice, the low one last", NO_PASS, behind('"Score": 1, "Sim": 1'), _BOTH),
)  # fmt: skip

ERRORS = (
    Reply("an error beside a good result", UNKNOWN_CODE,
         fields(Error={"Code": "FailedOperation.X", "Message": ""}), _BOTH),
    *(
        Reply(f"Error is {name}, {kind}", NO_PASS,
             added(f'"Error": {text}', Content_Type=kind), _BOTH)
        for name, text in {
            "a string": '"InternalError"', "a list": '["InternalError"]', "a number": "5",
            "true": "true", "an empty object": "{}", "an empty string": '""', "a list of nothing":
            "[]", "false": "false", "0": "0",
        }.items()
        for kind in ("application/json", "application/json; charset=utf-8")
    ),
    Reply("Error without RequestId", NO_PASS,
         whole(b'{"Response": {"Error": {"Code": "FailedOperation.X"}}}',
               Content_Type="application/json; charset=utf-8"), _BOTH),
    Reply("Error.Code with a newline and ESC", NO_PASS,
         whole(rb'{"Response":{"Error":{"Code":"X\n\u001b[31m{}"},"RequestId":"r"}}'), _BOTH),
    Reply("Error.Code of 1 MB", NO_PASS,
         whole(json.dumps({"Response": {"Error": {"Code": "X" * 1_000_000}, "RequestId": "r"}})
               .encode()), _BOTH),
    Reply("Error.Code is a number, RequestId an object", NO_PASS,
         whole(b'{"Response":{"Error":{"Code":5},"RequestId":{}}}'), _BOTH),
    Reply("Error.Code is Success", NO_PASS,
         fields(Error={"Code": "Success", "Message": ""}), _BOTH),
)  # fmt: skip

RESULTS = (
    *(
        Reply(f"Result {json.dumps(value)[:30]}", NO_PASS, fields(Result=value), _FACES)
        for value in ("success", "SUCCESS", "Success ", "Success\n", "\uff33uccess", ["Success"],
                      {"Success": 1}, "", None, True, 0, "Success" + "x" * 10_000)
    ),
    Reply("no Result", NO_PASS, fields(Result=...), _FACES),
    Reply("Result twice, fake first", NO_PASS,
         added('"Result": "FailedOperation.LivessDetectFake"'), _FACES),
    Reply("Result twice, fake last", NO_PASS,
         behind('"Result": "FailedOperation.LivessDetectFake"'), _FACES),
    Reply("Response twice", NO_PASS,
         whole(b'{"Response": {"Error": {"Code": "InternalError"}, "RequestId": "r"}, "Response":'
               b' {"Result": "Success", "Sim": 99, "Score": 99, "RequestId": "r"}}'), _BOTH),
)  # fmt: skip

SENSEID = (
    *(
        Reply(f"liveness_status {json.dumps(value)[:30]} beside passed", NO_PASS,
             fields(liveness_status=value), ("silent",))
        for value in ("hack", "HACK", "hack ", ["hack"], "short_time", "unknown", "", 0, True,
                      ["ok"], {"ok": 1}, "OK", "ok\n")
    ),
    Reply("no liveness_status beside passed", NO_PASS, fields(liveness_status=...), ("silent",)),
    Reply("liveness_status null beside passed", NO_PASS, fields(liveness_status=None), ("silent",)),
    *(
        Reply(f"passed {json.dumps(value)}", NO_PASS, fields(passed=value), ("silent",))
        for value in ("true", 1, "yes", [True], None, 0)
    ),
    *(
        Reply(f"code {json.dumps(value)[:12]}", NO_PASS, fields(code=value), ("silent",))
        for value in ("1000", 1000.0, True, None, 10**400, [1000])
    ),
    Reply("code twice, 4007 first", NO_PASS, added('"code": 4007'), ("silent",)),
    Reply("code twice, 4007 last", NO_PASS, behind('"code": 4007'), ("silent",)),
    Reply("passed twice, false first", NO_PASS, added('"passed": false'), ("silent",)),
    Reply("not live, with passed", NO_PASS, fields(code=4007), ("silent",)),
)  # fmt: skip

SHAPES = (
    *(
        Reply(name, NO_PASS, whole(body))
        for name, body in {
            "no Response": b'{"a": 1}', "Response is a list": b'{"Response": []}',
            "Response is a string": b'{"Response": "Success"}', "an array": b"[]",
            "a number": b"5", "nothing": b"", "null": b"null", "cut short": b'{"Response": {"Res',
            "HTML": b"<html>Success</html>",
        }.items()
    ),
    Reply("100 000 arrays deep", NO_PASS, whole(b"[" * 100_000)),
    Reply("3 000 objects deep behind a good answer", NO_PASS,
         behind('"x": ' + '{"a":' * 3000 + "1" + "}" * 3000)),
    Reply("a byte that is no UTF-8", NO_PASS,
         lambda way: json_answer(way.answer(Description="$").replace(b'"$"', b'"\xff"')), _BOTH),
    Reply("bytes behind the end", NO_PASS, lambda way: json_answer(way.answer() + b" x")),
    Reply("a lone surrogate in RequestId", PASSES,
         lambda way: json_answer(way.answer(RequestId="$", request_id="$")
                                 .replace(b'"$"', rb'"\ud800"'))),
    Reply("10 000 unknown fields", PASSES,
         fields(**{f"Unknown{number}": number for number in range(10_000)})),
    # The API's common answer has one; without it nothing can be asked of the vendor later.
    Reply("no RequestId", NO_PASS, fields(RequestId=...), _BOTH),
)  # fmt: skip

STATUSES = (
    *(Reply(f"HTTP {number} with a passing body", NO_PASS, status(number))
      for number in (201, 204, 400, 403, 404, 429, 500, 502, 503)),
    Reply("HTTP 100 before a good answer", PASSES,
         lambda way: b"HTTP/1.1 100 Continue\r\n\r\n" + json_answer(way.answer())),
    Reply("no HTTP", NO_PASS, lambda way: b"SSH-2.0-x\r\n"),
    Reply("a status of three letters", NO_PASS,
         lambda way: b"HTTP/1.1 abc OK\r\n\r\n" + way.answer()),
    Reply("Content-Length longer than the body", NO_PASS,
         lambda way: json_answer(way.answer()).replace(b"Content-Length: ", b"Content-Length: 9")),
    Reply("connection closed without an answer", NO_PASS, lambda way: b""),
)  # fmt: skip


def _frame(text: str) -> Callable[[Way], bytes]:
    """A passing answer with this inline frame."""
    return lambda way: json_answer(
        way.answer(**{"base64_image" if way.senseid else "BestFrameBase64": text})
    )


def _large_frame(way: Way) -> bytes:
    """A passing answer with a frame of 40 MB."""
    return _frame(base64_of(b"\xff\xd8\xff\xe0" + bytes(30_000_000)))(way)


_FRAMES = ("CompareFaceLiveness", "silent")
FRAMES = (
    Reply("inline frame that is no base64", NO_FRAME, _frame("!!!"), _FRAMES),
    Reply("inline frame of letters of another script", NO_FRAME, _frame("ä" * 8), _FRAMES),
    Reply("inline frame that is HTML", NO_FRAME, _frame(base64_of(b"<script>1</script>")), _FRAMES),
    Reply("inline frame of 40 MB", NOTHING_KEPT, _large_frame, ("CompareFaceLiveness",)),
)  # fmt: skip

SAID = (
    Reply("an honest answer", PASSES, fields(), tuple(WAYS)),
    *SCORES, *ERRORS, *RESULTS, *SENSEID, *SHAPES, *STATUSES, *FRAMES,
)  # fmt: skip


def _run(said: Reply, way: Way) -> Outcome:
    judged = judge(way, Vendor(answering(said.answer(way))))
    return Outcome(judged.summary(), said.must.holds(judged))


ROWS = tuple(
    bounded(f"{name}: {said.name}", said.must.text, _run, said, WAYS[name])
    for said in SAID
    for name in said.ways
)
