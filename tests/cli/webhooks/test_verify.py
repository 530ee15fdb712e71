"""`liveproof webhook verify`: arguments, output and exit status."""

from __future__ import annotations

import io
import json
import sys
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from liveproof_cli.program import main
from tests.support.signing import BODY, DOCUMENT, NOW, OTHER_SECRET, SECRET, signed

AT = ["--received-at", str(NOW)]
HEADERS = json.dumps(signed())


def verify(*arguments: str) -> int:
    return main(["webhook", "verify", *arguments])


def test_a_valid_webhook_gives_0_and_says_which_version_matches(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert verify("--secret", SECRET, "--headers", HEADERS, "--body", BODY.decode(), *AT) == 0
    assert capsys.readouterr().out == "valid: the v1 signature matches\n"


def test_files_are_read_byte_for_byte(tmp_path: Path) -> None:
    headers, body, secret = tmp_path / "headers.txt", tmp_path / "body", tmp_path / "secret"
    lines = "\r\n".join(f"{name.title()}: {value}" for name, value in signed().items())
    headers.write_text(f"POST /hook HTTP/1.1\r\n{lines}\r\n")
    body.write_bytes(BODY)
    secret.write_text(f"{SECRET}\n")
    files = ["--secret", f"@{secret}", "--headers", str(headers)]
    assert verify(*files, "--body", str(body), *AT) == 0
    assert verify(*files, "--body", f"@{body}", *AT) == 0
    body.write_bytes(BODY + b"\n")
    assert verify(*files, "--body", str(body), *AT) == 1


def test_a_body_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(BODY)))
    assert verify("--secret", SECRET, "--headers", HEADERS, "--body", "-", *AT) == 0


def test_lists_of_values_are_headers_as_well() -> None:
    lists = json.dumps({name: [value] for name, value in signed().items()})
    assert verify("--secret", SECRET, "--headers", lists, "--body", BODY.decode(), *AT) == 0


def test_a_webhook_that_is_not_valid_gives_1_with_what_was_tried_and_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = json.dumps(DOCUMENT, ensure_ascii=False)
    assert verify("--secret", SECRET, "--headers", HEADERS, "--body", body, *AT) == 1
    out = capsys.readouterr().out
    assert out.startswith("not valid\n")
    assert "  tried: a newline at the body's end: no\n" in out
    assert "  tried: a body that was parsed and written again: yes\n" in out
    assert "\nwhy: The body was parsed and written again" in out
    assert "\nwhat to do: Take the raw bytes" in out


def test_json_has_the_codes(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--headers", HEADERS, "--body", BODY.decode(), *AT, "--json"]
    assert verify("--secret", OTHER_SECRET, *arguments) == 1
    (line,) = capsys.readouterr().out.splitlines()
    answer = json.loads(line)
    assert (answer["valid"], answer["versions"]) == (False, [])
    assert [cause["code"] for cause in answer["causes"]] == ["wrong_secret"]
    assert {"code": "body_newline", "fits": False} in answer["tried"]


def test_a_recorded_webhook_is_judged_at_the_time_when_it_arrived() -> None:
    arguments = ["--secret", SECRET, "--headers", HEADERS, "--body", BODY.decode()]
    moment = datetime.fromtimestamp(NOW, tz=timezone.utc)
    assert verify(*arguments, "--received-at", moment.isoformat()) == 0
    assert verify(*arguments, "--received-at", f"{moment:%Y-%m-%dT%H:%M:%S}Z") == 0
    assert verify(*arguments, "--received-at", str(NOW + 400)) == 1
    assert verify(*arguments, "--received-at", str(NOW + 400), "--tolerance", "600") == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--body", "no-such-file"),
        ("--headers", "no-such-file"),
        ("--headers", "{broken"),
        ("--secret", "@no-such-file"),
    ],
)
def test_an_argument_that_cannot_be_used_gives_2_and_is_named(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = {"--secret": SECRET, "--headers": HEADERS, "--body": BODY.decode()}
    arguments = [text for pair in (usual | {option: value}).items() for text in pair]
    assert verify(*arguments) == 2
    output = capsys.readouterr()
    assert option in output.err
    assert output.out == ""


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-26T12:00:00"])
def test_a_time_without_a_zone_or_a_meaning_is_refused(moment: str) -> None:
    arguments = ["--secret", SECRET, "--headers", HEADERS, "--body", BODY.decode()]
    assert verify(*arguments, "--received-at", moment) == 2
