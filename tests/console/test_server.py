"""The console's server, before an API that is played here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from liveproof.domain.ids import new_verification_id
from tests.support.console import ask, events
from tests.support.web_application import running
from tools.console.guard import TOKEN_HEADER, guard
from tools.console.server import Address, serving
from tools.console.site import ExtraRefused, Extras, Site

KEY = "lp_theKeyThatNoPageSees"
ID = new_verification_id(1_790_000_000_000)
VIEW = {"id": ID, "reference": "<script>alert(1)</script>", "decision": None}


class Api:
    """The API: records its requests, and lists these verifications."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.listed: Any = [dict(VIEW)]
        self.older: dict[str, dict[str, Any]] = {}

    async def answer(self, request: web.Request) -> web.Response:
        headers = dict(request.headers.items())
        self.requests.append((request.method, request.path_qs, headers, await request.read()))
        if request.path == "/v1/verifications" and request.method == "GET":
            return web.json_response({"verifications": self.listed, "next_cursor": None})
        older = self.older.get(request.path.rpartition("/")[2])
        if older is not None:
            return web.json_response(older)
        return web.json_response({"detail": "no", "code": "not_found"}, status=404)


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def console(api: Api, tmp_path: Path) -> Iterator[Address]:
    (tmp_path / "index.html").write_text("<!doctype html>", encoding="utf-8")
    (tmp_path.parent / "secret.js").write_text("no", encoding="utf-8")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", api.answer)
    with (
        running(app) as url,
        serving(Site(url, {"demo": KEY}, seconds=0.05, page=tmp_path)) as address,
    ):
        yield address


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({TOKEN_HEADER: ""}, 401),
        ({TOKEN_HEADER: "another-start"}, 401),
        ({TOKEN_HEADER: "\xff"}, 401),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 200),
    ],
)
def test_only_its_own_page_of_this_start_is_answered(
    console: Address, headers: dict[str, str], status: int
) -> None:
    assert ask(console, "GET", "/api/setup", headers=headers).status == status


def test_the_port_that_a_browser_leaves_out_is_the_consoles_own_as_well() -> None:
    """With --port 80 every page was refused."""
    hosts = ["127.0.0.1", "localhost", "127.0.0.1:80", "127.0.0.1:4080", "evil.example"]
    app = web.Application(middlewares=[guard("token", lambda: 80, "default-src 'none'")])

    async def page(request: web.Request) -> web.Response:
        return web.Response()

    app.router.add_get("/", page)
    with running(app) as url:
        answers = [
            ask(Address(url, ""), "GET", "/", headers={"Host": host, "Origin": f"http://{host}"})
            for host in hosts
        ]
    assert [answer.status for answer in answers] == [200, 200, 200, 403, 403]


def test_another_name_for_this_machine_gets_not_even_the_page(console: Address) -> None:
    assert ask(console, "GET", "/", headers={"Host": "evil.example"}).status == 403


def test_a_foreign_pages_preflight_is_not_allowed(console: Address) -> None:
    headers = {"Origin": console.url, "Access-Control-Request-Headers": TOKEN_HEADER}
    assert ask(console, "OPTIONS", "/api/setup", headers=headers).status == 405


def test_the_api_is_asked_with_the_key_which_no_answer_has(console: Address, api: Api) -> None:
    seen = [
        ask(console, "GET", "/api/setup"),
        ask(console, "GET", "/api/clients/demo/v1/verifications?reference=a%26b"),
        ask(console, "POST", "/api/clients/demo/v1/verifications", {"check": "photo"}),
    ]
    assert [answer.status for answer in seen] == [200, 200, 404]
    assert all(KEY.encode() not in answer.body for answer in seen)
    (_, listed, headers, _), (_, _, _, body) = api.requests
    assert listed == "/v1/verifications?reference=a%26b"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert TOKEN_HEADER not in headers
    assert json.loads(body) == {"check": "photo"}


@pytest.mark.parametrize("reference", ["a%26b", "order%2312", "100%25", "%2541", "a%2Bb+c%20d"])
def test_a_reference_reaches_the_api_as_the_page_sent_it(
    console: Address, api: Api, reference: str
) -> None:
    ask(console, "GET", f"/api/clients/demo/v1/verifications?reference={reference}")
    (_, asked, _, _) = api.requests[0]
    assert asked == f"/v1/verifications?reference={reference}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "deliveries"),
        ("POST", "reflect-sequences"),
        ("GET", "verifications/../secrets"),
        ("GET", "verifications/%2e%2e/x"),
        ("DELETE", "verifications"),
    ],
)
def test_a_route_that_the_page_does_not_need_is_not_there(
    console: Address, api: Api, method: str, path: str
) -> None:
    assert ask(console, method, f"/api/clients/demo/v1/{path}").status in (404, 405)
    assert api.requests == []


def test_a_client_without_a_key_here_is_not_there(console: Address) -> None:
    assert ask(console, "GET", "/api/clients/other/v1/verifications").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.js", "/%2e%2e/secret.js", "/x.js", "/index.html.txt", "/%00.js",
        f"/{'x' * 5000}.js",
    ],
)  # fmt: skip
def test_no_file_outside_the_page_is_served(console: Address, path: str) -> None:
    assert ask(console, "GET", path).status == 404


def test_the_page_gets_everything_once_and_then_what_changes(console: Address, api: Api) -> None:
    with events(console) as stream:
        assert next(stream) == ("verifications", [{**VIEW, "client": "demo"}])
        assert next(stream) == ("trouble", "")
        api.listed[0]["decision"] = "passed"
        assert next(stream) == ("verifications", [{**VIEW, "decision": "passed", "client": "demo"}])


def test_an_open_verification_that_the_list_has_no_more_is_looked_at(
    console: Address, api: Api
) -> None:
    watched = new_verification_id(1_780_000_000_000)
    with events(console, f"?watch={watched}") as stream:
        next(stream)
    assert any(path == f"/v1/verifications/{watched}" for _, path, _, _ in api.requests)


def test_a_page_that_goes_from_one_verification_to_another_is_told_no_former_state_of_it(
    console: Address, api: Api
) -> None:
    """What a stream told was the last look's, for ever: an erased verification was shown as it was
    when somebody had last opened it, over the state that the page itself had read meanwhile."""
    older, other = (new_verification_id(1_780_000_000_000 + number) for number in (0, 1))
    api.older[older] = {"id": older, "decision": "passed"}
    with events(console, f"?watch={older}") as stream:
        told = seen(next(stream))
        assert told[older] == "passed"
    api.older[older]["decision"] = "rejected"
    api.older[other] = {"id": other, "decision": None}
    with events(console, f"?watch={other}") as stream:
        told = seen(next(stream))
        api.older[other]["decision"] = "passed"
        for event in stream:
            told |= seen(event)
            if told.get(other) == "passed":
                break
    assert told.pop(older, "rejected") == "rejected"
    assert told == {ID: None, other: "passed"}
    with events(console, f"?watch={older}") as stream:
        assert seen(next(stream))[older] == "rejected"


def test_a_page_that_opens_after_a_pause_is_told_the_state_of_now(
    console: Address, api: Api
) -> None:
    with events(console) as stream:
        assert seen(next(stream)) == {ID: None}
    api.listed[0]["decision"] = "passed"
    time.sleep(0.2)  # the server looks no more
    with events(console) as stream:
        assert seen(next(stream)) == {ID: "passed"}


def test_two_pages_that_open_at_different_times_are_both_told_every_change(
    console: Address, api: Api
) -> None:
    with events(console) as first:
        assert seen(next(first)) == {ID: None}
        with events(console) as second:
            assert seen(next(second)) == {ID: None}
            api.listed[0]["decision"] = "passed"
            changes = [
                next(change for event in stream if (change := seen(event)))
                for stream in (first, second)
            ]
    assert changes == [{ID: "passed"}, {ID: "passed"}]


def seen(event: tuple[str, Any]) -> dict[str, Any]:
    """The verifications of an event with their decisions."""
    name, data = event
    return {view["id"]: view["decision"] for view in data} if name == "verifications" else {}


class Broken:
    """Extras that fail at first, in one way of those that they may."""

    def __init__(self, name: str, error: Exception) -> None:
        self._name, self._error = name, error
        self.failures = 2

    def listen(self, arrived: Callable[[], None]) -> None:
        """Nothing arrives."""

    def about(self) -> Mapping[str, Any]:
        return {"of": self._after_failures("about")}

    def calls(self) -> list[dict[str, Any]]:
        return self._after_failures("calls")

    def webhooks(self) -> list[dict[str, Any]]:
        return self._after_failures("webhooks")

    def _after_failures(self, name: str) -> list[dict[str, Any]]:
        if name == self._name and self.failures:
            self.failures -= 1
            raise self._error
        return [{"of": name}]


@pytest.mark.parametrize("error", [OSError("away"), ExtraRefused("away")], ids=repr)
@pytest.mark.parametrize("name", ["calls", "webhooks"])
def test_a_local_cloud_that_fails_for_a_moment_is_trouble_until_it_is_well(
    api: Api, tmp_path: Path, name: str, error: Exception
) -> None:
    """The server looked no more, and the page stayed "live" with what it had."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", api.answer)
    extras = cast(Extras, Broken(name, error))
    with (
        running(app) as url,
        serving(Site(url, {"demo": KEY}, 0.05, extras, tmp_path)) as console,
        events(console) as stream,
    ):
        told = dict(next(stream) for _ in range(3))
        assert told["trouble"] == "The local cloud does not answer: away"
        mended = dict(next(stream) for _ in range(2))
    assert mended == {name: [{"of": name}], "trouble": ""}


def test_a_page_that_opens_while_the_local_cloud_fails_is_told_why(tmp_path: Path) -> None:
    extras = cast(Extras, Broken("about", OSError("the emulator is away")))
    with serving(Site("http://127.0.0.1:9", {"demo": KEY}, 0.05, extras, tmp_path)) as console:
        refused = [ask(console, "GET", "/api/setup") for _ in range(2)]
        assert [(answer.status, json.loads(answer.body)) for answer in refused] == [
            (502, {"detail": "the emulator is away"})
        ] * 2
        assert ask(console, "GET", "/api/setup").status == 200


@pytest.mark.parametrize("listed", [None, "no list", [1], [{}], [{"id": 1}]])
def test_an_address_of_something_else_is_trouble_and_the_page_sees_when_it_is_mended(
    console: Address, api: Api, listed: Any
) -> None:
    api.listed = listed
    with events(console) as stream:
        name, text = next(stream)
        assert name == "trouble"
        assert "not liveproof's API" in text
        api.listed = [dict(VIEW)]
        assert next(stream) == ("verifications", [{**VIEW, "client": "demo"}])


def test_nobody_looks_at_the_api_without_a_page(console: Address, api: Api) -> None:
    assert ask(console, "GET", "/").status == 200
    assert api.requests == []


def test_the_page_shows_that_the_api_does_not_answer(tmp_path: Path) -> None:
    with serving(Site("http://127.0.0.1:9", {"demo": KEY}, page=tmp_path)) as console:
        with events(console) as stream:
            name, text = next(stream)
        assert name == "trouble"
        assert text.startswith("The API does not answer")
        answer = ask(console, "GET", "/api/clients/demo/v1/verifications")
        assert (answer.status, json.loads(answer.body)["code"]) == (502, "no_answer")


def test_an_answer_of_the_api_that_is_too_large_is_not_handed_on(
    console: Address, api: Api
) -> None:
    api.listed = [{**VIEW, "reference": "x" * (8 * 1024 * 1024)}]
    answer = ask(console, "GET", "/api/clients/demo/v1/verifications")
    assert answer.status == 502
    assert b"8,388,608 bytes" in answer.body


def test_without_its_files_the_server_says_how_the_page_is_built(tmp_path: Path) -> None:
    with serving(Site("http://127.0.0.1:9", {"demo": KEY}, page=tmp_path)) as console:
        answer = ask(console, "GET", "/")
    assert answer.status == 503
    assert b"make console" in answer.body
