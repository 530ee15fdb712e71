"""`liveproof webhook test`: asks the deployment, and says how the endpoint took it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from liveproof_emulator.keys import new_key
from tests.clouds.tencent.standin import ApiStandIn
from tests.support.command_line import Done, Liveproof
from tests.support.servers import RawServer, answering, closed_port, http, serving

KEY = ("--api-key", "lp_shop")
NOWHERE = {"endpoint": "http://127.0.0.1:9", "secret_id": "AKID", "secret_key": "key"}
TAKEN: dict[str, Any] = {
    "accepted": True,
    "client": "shop",
    "webhook_id": "msg_test_1",
    "status": 204,
    "error": None,
    "latency_ms": 12,
    "answer": None,
    "explanation": "The endpoint answered 204 after 12 ms. It accepts webhooks.",
    "advice": None,
}
REFUSED = {
    **TAKEN,
    "accepted": False,
    "status": 401,
    "answer": "bad \\x1b signature",
    "explanation": "The endpoint answered 401 after 12 ms.",
    "advice": "Most receivers answer this when the signature does not match.",
}


def run(
    liveproof: Liveproof,
    folder: Path,
    answer: bytes | None,
    *arguments: str,
) -> tuple[Done, RawServer | None]:
    """The command against an API that gives this answer; None: nobody listens."""
    if answer is None:
        return liveproof(*_named(folder, closed_port()), *arguments), None
    with serving(answering(answer)) as server:
        return liveproof(*_named(folder, server.port), *arguments), server


def _named(folder: Path, port: int, account: Mapping[str, str] = NOWHERE) -> list[str]:
    database, file = folder / "records.sqlite", folder / "deployment.json"
    database.touch()
    document = {
        "cloud": "tencent", "api": f"http://127.0.0.1:{port}", "api_key": "lp_demo",
        "region": "ap-singapore",
        "database_url": f"sqlite:///{database}", "login": None, "secrets": {},
        "account": dict(account), "functions": {"webhooks": "liveproof-local-webhooks"},
        "bucket": {"name": "files-1250000000", **NOWHERE},
    }  # fmt: skip
    file.write_text(json.dumps(document))
    return ["--deployment", str(file), "webhook", "test"]


def said(document: Any) -> bytes:
    return http(200, json.dumps(document).encode(), Content_Type="application/json")


def test_an_accepted_test_gives_0_and_plain_words(liveproof: Liveproof, tmp_path: Path) -> None:
    done, _ = run(liveproof, tmp_path, said(TAKEN), "shop", *KEY)
    assert (done.status, done.err) == (0, "")
    assert done.out == f"shop: accepted\n  what happened: {TAKEN['explanation']}\n"


def test_a_refused_test_gives_1_with_the_answer_and_what_to_do(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    done, _ = run(liveproof, tmp_path, said(REFUSED), "shop", *KEY)
    assert done.status == 1
    assert done.out.startswith("shop: NOT ACCEPTED\n")
    assert "\n  it answered: bad " in done.out
    assert f"\n  what to do: {REFUSED['advice']}\n" in done.out


def test_json_is_the_answer_of_the_api(liveproof: Liveproof, tmp_path: Path) -> None:
    done, _ = run(liveproof, tmp_path, said(REFUSED), "shop", "--json", *KEY)
    assert (done.status, done.lines) == (1, [REFUSED])


def test_another_clients_key_is_taken_from_a_file_and_has_to_be_its_own(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("lp_bank\n")
    done, _ = run(liveproof, tmp_path, said({**TAKEN, "client": "bank"}), "bank",
                  "--api-key", f"@{key}")  # fmt: skip
    assert done.status == 0
    done, _ = run(liveproof, tmp_path, said(TAKEN), "bank", "--api-key", f"@{key}")
    assert (done.status, done.out) == (1, "")
    assert "The key is one of shop, and not of bank" in done.err
    assert "lp_bank" not in done.err


def answer_of_the_function(status: int, document: Any, **headers: str) -> dict[str, Any]:
    """What SCF says of a function that gave this answer."""
    value = {"statusCode": status, "headers": headers, "body": json.dumps(document)}
    return {"Result": {"InvokeResult": 0, "RetMsg": json.dumps(value)}}


def ask_function(liveproof: Liveproof, folder: Path, answer: Any, client: str = "shop") -> Done:
    """The command without a key; SCF answers like this."""
    with ApiStandIn(new_key()) as scf:
        scf.answers = [answer]
        account = {
            "endpoint": scf.url, "secret_id": scf.key.secret_id, "secret_key": scf.key.secret_key,
        }  # fmt: skip
        done = liveproof(*_named(folder, closed_port(), account=account), client)
        call = scf.requests[-1]
    assert call.parameters["FunctionName"] == "liveproof-local-webhooks"
    event = {"operator_request": {"method": "POST", "path": "/v1/webhooks/test", "client": client}}
    assert json.loads(call.parameters["ClientContext"]) == event
    return done


def test_without_a_key_the_deployments_function_makes_the_test(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    done = ask_function(liveproof, tmp_path, answer_of_the_function(200, TAKEN))
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("shop: accepted\n")


def test_a_client_that_there_is_not_is_said(liveproof: Liveproof, tmp_path: Path) -> None:
    problem = {"code": "not_found", "detail": "there is no client of this name"}
    done = ask_function(liveproof, tmp_path, answer_of_the_function(404, problem), "shap")
    assert done.status == 1
    assert "404 not_found: there is no client of this name" in done.err


def test_a_login_that_may_not_invoke_is_said(liveproof: Liveproof, tmp_path: Path) -> None:
    done = ask_function(liveproof, tmp_path, "UnauthorizedOperation.CAM")
    assert done.status == 1
    assert "scf:InvokeFunction" in done.err


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (
            http(429, b'{"code": "too_soon", "detail": "once in 10 seconds"}',
                 Retry_After="7"),
            "429 too_soon: once in 10 seconds. Ask again in 7 s.",
        ),
        (http(503, b'{"message": "Service Unavailable"}'), "503 no code"),
        (http(200, b"<html>"), "no API of liveproof"),
        (http(200, b"[]"), "200 no code"),
        (None, "gives no answer: not_connected"),
    ],
)  # fmt: skip
def test_a_test_that_cannot_be_sent_gives_the_reason(
    liveproof: Liveproof, tmp_path: Path, answer: bytes | None, part: str
) -> None:
    done, _ = run(liveproof, tmp_path, answer, "shop", *KEY)
    assert (done.status, done.out) == (1, "")
    assert part in done.err
    assert "lp_shop" not in done.err
