"""A server with one API key, or with none: the HTTP API."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from tests.attack import client_bodies
from tests.attack.client_bodies import Sent, body
from tests.attack.client_stories import STORIES
from tests.attack.rows import Outcome, Row, Side
from tests.attack.wire import Answer, Request, exchange
from tests.support.api import Api
from tests.support.local_clouds import SECOND_API_KEY
from tools.local.cloud import LocalCloud

LIST = "/v1/verifications"
ONE = "/v1/verifications/$ID"


@dataclass
class Ground:
    """The API of one local cloud, two clients of it, and a verification of the first."""

    cloud: LocalCloud
    first: Api
    second: Api
    keys: Mapping[str, str]
    verification: str

    def ask(
        self,
        method: str,
        path: str,
        headers: Sequence[tuple[str, str | bytes]] = (),
        body: bytes | None = None,
        timeout: float = 60,
    ) -> Answer:
        """One request; `$ID` in the path is the first client's verification."""
        base = Request.of(method, self.cloud.api)
        target = "" if base.target == "/" else base.target
        base.target = target + path.replace("$ID", self.verification)
        base.headers += headers
        if body is not None:
            base.headers.append(("Content-Length", str(len(body))))
            base.body = body
        return exchange(base, timeout)


@dataclass(frozen=True)
class Ask:
    """A row of the table.

    Attributes:
        statuses: what may be answered.
        code: the problem's code, where the answer is a problem document.
        key: whose API key is sent; None for none.
        gone: the platform may also close the connection without an answer.
        has: text that the answer's body must have; `lacks`: must not have.
    """

    name: str
    statuses: tuple[int, ...]
    method: str = "GET"
    path: str = ONE
    headers: tuple[tuple[str, str | bytes], ...] = ()
    body: bytes | None = None
    key: str | None = "first"
    code: str = ""
    gone: bool = False
    has: str = ""
    lacks: str = ""
    on: tuple[str, ...] = ("aws", "tencent")


# -- tables -----------------------------------------------------------------------------------


def _auth(name: str, *headers: tuple[str, str | bytes]) -> Ask:
    """Without a good key: 401, or whatever a server says to what is no HTTP."""
    return Ask(f"auth: {name}", (401, 400, 431), headers=headers, key=None, gone=True)


def bearer(write: str) -> tuple[str, str]:
    """`$KEY` is the first client's key."""
    return ("Authorization", write)


AUTH = (
    _auth("no Authorization"),
    _auth("empty", bearer("")),
    _auth("Bearer alone", bearer("Bearer")),
    _auth("Bearer and spaces", bearer("Bearer    ")),
    _auth("Basic with the key", bearer("Basic $KEY")),
    _auth("the key without Bearer", bearer("$KEY")),
    _auth("a wrong key", bearer("Bearer lp_wrong")),
    _auth("the key and a letter", bearer("Bearer $KEYx")),
    _auth("the key cut short", bearer("Bearer $CUT")),
    _auth("the key in upper case", bearer("Bearer $UPPER")),
    _auth("its digest as the key", bearer("Bearer $DIGEST")),
    _auth("two keys with a comma", bearer("Bearer $KEY, Bearer $KEY")),
    _auth("NUL in the key", bearer("Bearer $KEY\x00")),
    _auth("letters of Latin 1", ("Authorization", b"Bearer \xe9")),
    _auth("bytes that are no UTF-8", ("Authorization", b"Bearer \xff\xfe")),
    _auth("a key of 60 kB", bearer("Bearer " + "k" * 60_000)),
    _auth("the key as X-Api-Key", ("X-Api-Key", "$KEY")),
    Ask("auth: the key in the query", (401,), path=f"{ONE}?api_key=$KEY", key=None),
    Ask("auth: bearer in lower case", (200,), headers=(bearer("bearer $KEY"),), key=None),
    _auth("two Authorization headers, the right one last",
          bearer("Bearer x"), bearer("Bearer $KEY")),
    _auth("two Authorization headers, the right one first",
          bearer("Bearer $KEY"), bearer("Bearer x")),
    Ask("auth: X-Original-URL and X-Rewrite-URL without a key", (401,), path=LIST, key=None,
        headers=(("X-Original-URL", "/v1/x"), ("X-Rewrite-URL", "/v1/x"))),
    Ask("auth: the key is looked at before the body", (401,), method="POST", path=LIST, key=None,
        body=b"{"),
)  # fmt: skip

FOREIGN = (
    Ask("another client's verification: read", (404,), key="second", code="not_found"),
    Ask("another client's verification: erased", (404,), "DELETE", key="second", code="not_found"),
    Ask("another client's verification: its evidence", (404,), path=f"{ONE}/evidence",
        key="second", code="not_found"),
    Ask("another client's verification: renewed", (404,), "POST", f"{ONE}/uploads", key="second",
        code="not_found"),
    Ask("another client's verification: resent", (404,), "POST", f"{ONE}/deliveries", key="second",
        code="not_found"),
    Ask("a verification that is none", (404,), path=f"{LIST}/ver_01m8at9r9ydw3txk6keayvmthe",
        key="second", code="not_found"),
    Ask("another client's list", (200,), path=LIST, key="second", lacks="$ID"),
    Ask("another client's id as a cursor", (200, 400), path=f"{LIST}?cursor=$ID", key="second",
        lacks="$ID"),
)  # fmt: skip

RANGE = "/v1/deliveries"
_SINCE = b'{"since": "2020-01-01T00:00:00Z"'


def _range(name: str, body: bytes | None, *statuses: int, has: str = "") -> Ask:
    """A request to send a range of webhooks again."""
    code = "invalid_request" if statuses == (400,) else ""
    return Ask(f"range: {name}", statuses, "POST", RANGE, body=body, code=code, has=has)


RANGES = (
    Ask("range: no key", (401,), "POST", RANGE, body=_SINCE + b"}", key=None, code="unauthorized"),
    Ask("range: another client's verifications", (200,), "POST", RANGE, key="second",
        body=_SINCE + b', "state": "pending"}', lacks="$ID"),
    Ask("range: another client's id as a cursor", (200, 400), "POST", RANGE, key="second",
        body=_SINCE + b', "cursor": "$ID"}', lacks="$ID"),
    Ask("range: a client's name in the filter", (400,), "POST", RANGE, key="second",
        body=_SINCE + b', "client": "demo"}', code="invalid_request", has="client"),
    _range("all of time", b'{"since": "0001-01-01T00:00:00Z", "until": "9999-12-31T23:59:59Z"}',
           200),
    _range("until before since", _SINCE + b', "until": "2019-01-01T00:00:00Z"}', 400, has="until"),
    _range("a year beyond any", b'{"since": "99999-01-01T00:00:00Z"}', 400, has="since"),
    _range("a time without an offset", b'{"since": "2020-01-01T00:00:00"}', 400, has="since"),
    _range("a time that is a number", b'{"since": 1e308}', 400, has="since"),
    _range("no time", b"{}", 400, has="since"),
    _range("no body", None, 400),
    _range("a list", b"[]", 400),
    _range("a state that is none", _SINCE + b', "state": "lost"}', 400, has="state"),
    _range("a state of SQL", _SINCE + b', "state": "x\' OR 1=1--"}', 400, has="state"),
    _range("dry_run in words", _SINCE + b', "dry_run": "false"}', 400, has="dry_run"),
    _range("dry_run twice", _SINCE + b', "dry_run": true, "dry_run": false}', 400),
    _range("a cursor of SQL", _SINCE + b', "cursor": "ver_1\' OR 1=1--"}', 400, has="cursor"),
    _range("a cursor of 50 000 letters", _SINCE + b', "cursor": "' + b"v" * 50_000 + b'"}', 400),
    _range("a body of 70 kB", _SINCE + b', "x": "' + b"v" * 70_000 + b'"}', 400, 413),
    _range("brackets without end", b"[" * 60_000, 400),
)  # fmt: skip

QUERIES = {
    "cursor empty": ("cursor=", (400,)),
    "cursor of a made-up id": ("cursor=ver_7zzzzzzzzzzzzzzzzzzzzzzzzz", (200, 400)),
    "cursor of SQL": ("cursor=ver_1'%20OR%20'1'='1", (400,)),
    "cursor of JSON": ("cursor=%7B%7D", (400,)),
    "cursor of 5 000 letters": ("cursor=" + "v" * 5000, (400, 414)),
    "cursor with %25": ("cursor=%25", (400,)),
    "cursor with letters of another script": ("cursor=%D9%A3", (400,)),
    "cursor and a newline": ("cursor=$ID%0A", (400,)),
    "cursor and a space": ("cursor=$ID%20", (400,)),
    "cursor in upper case": ("cursor=VER_01M8AT9R9YDW3TXK6KEAYVMTHE", (400,)),
    "limit 0": ("limit=0", (400,)),
    "limit -1": ("limit=-1", (400,)),
    "limit 101": ("limit=101", (400,)),
    "limit 1e2": ("limit=1e2", (400,)),
    "limit 0x10": ("limit=0x10", (400,)),
    "limit of an arabic digit": ("limit=%D9%A3", (400,)),
    "limit of 400 digits": ("limit=" + "1" * 400, (400,)),
    "limit empty": ("limit=", (400,)),
    "limit twice": ("limit=1&limit=1000", (200, 400)),
    "status of SQL": ("status=x'%20OR%201=1--", (400,)),
    "status empty": ("status=", (400,)),
    "status twice": ("status=ready&status=x", (400, 200)),
}
LISTS = (
    *(
        Ask(f"list: {name}", statuses, path=f"{LIST}?{query}", lacks='"client"')
        for name, (query, statuses) in QUERIES.items()
    ),
    Ask("list: an unknown parameter", (400,), path=f"{LIST}?cursr=x", code="invalid_request",
        has="cursr"),
    Ask("one: an unknown parameter", (400,), path=f"{ONE}?x=1", code="invalid_request", has="x"),
    Ask("create: an unknown parameter", (400,), "POST", f"{LIST}?dry_run=1",
        body=body(), code="invalid_request", has="dry_run"),
)  # fmt: skip

PATHS = {
    "SQL for an id": "/v1/verifications/x'%20OR%201=1--",
    "%2e%2e": f"{ONE}/%2e%2e/x",
    "..": "/v1/verifications/..",
    "double encoded": "/v1/%2576erifications/$ID",
    "an encoded slash and uploads": f"{ONE}%2Fuploads",
    "%00": f"{ONE}%00",
    "an encoded space": f"{ONE}%20",
    "an encoded newline": f"{ONE}%0A",
    "the id in upper case": "/v1/verifications/VER_01M8AT9R9YDW3TXK6KEAYVMTHE",
    "a matrix parameter": f"{ONE};x=1",
    "an idempotency key's row as an id": "/v1/verifications/idempotency%23x",
    "a quota's row as an id": "/v1/verifications/quota%23faceid",
    "{id}": "/v1/verifications/{id}",
    "%7Bid%7D": "/v1/verifications/%7Bid%7D",
    "{0.__class__}": "/v1/verifications/{0.__class__}",
    "an id of 10 kB": "/v1/verifications/" + "v" * 10_000,
    "an id of another script": "/v1/verifications/%D9%A3",
    "an id that is no UTF-8": "/v1/verifications/%ff%fe",
    "an overlong slash": f"{ONE}%c0%af",
}
ROUTES = (
    *(
        Ask(f"path: {name}", (404, 400, 403, 414), path=path, gone=True)
        for name, path in PATHS.items()
    ),
    Ask("path: two slashes", (404, 200), path="//v1/verifications/$ID"),
    Ask("path: a slash at the end", (404,), path=f"{ONE}/"),
    Ask("path: encoded letters", (200, 404), path="/v1/%76erifications/$ID"),
    Ask("path: foreign id and uploads behind an encoded slash", (404, 400, 405), "POST",
        f"{ONE}%2Fuploads", key="second"),
    *(
        Ask(f"method {method}", (404, 405, 403, 400, 501, 401), method, gone=True)
        for method in ("PUT", "PATCH", "OPTIONS", "HEAD", "TRACE", "FOO")
    ),
    *(
        Ask(f"{name}: DELETE on a GET", (200,), headers=((name, "DELETE"),), has="$ID")
        for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method")
    ),
    Ask("X-Forwarded-* of somebody else", (200,), has="$ID",
        headers=(("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Host", "evil.example"),
                 ("X-Forwarded-Proto", "http"))),
)  # fmt: skip


def _posted(sent: Sent, path: str, what: str) -> Ask:
    return Ask(
        f"{what}: {sent.name}", sent.statuses, "POST", path, body=sent.body, code=sent.code,
        has=sent.says, gone=len(sent.body) > 1_000_000,
    )  # fmt: skip


BODIES = (
    *(_posted(sent, LIST, "body") for sent in client_bodies.VERIFICATIONS),
    *(_posted(sent, "/v1/reflect-sequences", "sequence") for sent in client_bodies.SEQUENCES),
    Ask("body: Content-Type text/plain", (201, 415, 400), "POST", LIST,
        (("Content-Type", "text/plain"),), body=body()),
)  # fmt: skip

IDEMPOTENCY: dict[str, str | bytes] = {
    "empty": "",
    "of 256 characters": "k" * 256,
    "of 255 characters": "k" * 255,
    "with NUL": "first\x00k",
    "not ASCII": b"\xe9",
    "that is no UTF-8": b"\xff\xfe",
    "with a comma": "a, a",
}
KEYS = tuple(
    Ask(f"Idempotency-Key {name}", (201, 400), "POST", LIST, (("Idempotency-Key", value),),
        body=body(), gone=True)
    for name, value in IDEMPOTENCY.items()
)  # fmt: skip

ASKS = (*AUTH, *FOREIGN, *RANGES, *LISTS, *ROUTES, *BODIES, *KEYS)


# -- the runner -------------------------------------------------------------------------------


def _expected(ask: Ask) -> str:
    words = " or ".join(str(status) for status in ask.statuses)
    words += f" {ask.code}" if ask.code else ""
    words += f', says "{ask.has}"' if ask.has else ""
    words += f', without "{ask.lacks}"' if ask.lacks else ""
    return words + (" or no answer" if ask.gone else "")


def _run(ask: Ask, ground: Ground) -> Outcome:
    headers = [(name, _filled(value, ground)) for name, value in ask.headers]
    if ask.key is not None:
        headers.insert(0, ("Authorization", f"Bearer {ground.keys[ask.key]}"))
    path = ask.path.replace("$KEY", ground.keys["first"])
    body = None if ask.body is None else ask.body.replace(b"$ID", ground.verification.encode())
    answer = ground.ask(ask.method, path, headers, body)
    if answer.status is None:
        return Outcome(answer.summary(), ask.gone)
    text = answer.body.decode("utf-8", "replace")
    right = answer.status in ask.statuses
    if ask.code and answer.status == ask.statuses[0]:
        right = right and answer.code == ask.code
    if ask.has:
        right = right and ask.has.replace("$ID", ground.verification) in text
    if ask.lacks:
        right = right and ask.lacks.replace("$ID", ground.verification) not in text
    detail = str(answer.document().get("detail", ""))
    return Outcome(f"{answer.summary()} {detail}".strip()[:200], right)


def _filled(value: str | bytes, ground: Ground) -> str | bytes:
    if isinstance(value, bytes):
        return value
    key = ground.keys["first"]
    digest = hashlib.sha256(key.encode()).hexdigest()
    written = {"$KEY": key, "$CUT": key[:-1], "$UPPER": key.upper(), "$DIGEST": digest}
    for name, text in written.items():
        value = value.replace(name, text)
    return value


def _row(ask: Ask) -> Row:
    return Row(ask.name, _expected(ask), partial(_run, ask))


def rows(cloud: str | None) -> Sequence[Row]:
    """The table of one cloud."""
    return (*(_row(ask) for ask in ASKS if cloud in ask.on), *STORIES)


@contextmanager
def standing(cloud: LocalCloud | None) -> Iterator[Ground]:
    """The clients, and a verification whose files never come."""
    assert cloud is not None
    first, second = Api(cloud.api, cloud.api_key, 120), Api(cloud.api, SECOND_API_KEY, 120)
    made = first.create({"check": "photo", "inputs": {"image": client_bodies.image()}})
    keys = {"first": cloud.api_key, "second": SECOND_API_KEY}
    yield Ground(cloud, first, second, keys, made["id"])


SIDE = Side("client", "a server with one API key, or with none", rows, standing, on_clouds=True)
