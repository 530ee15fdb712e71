"""`liveproof held` and `release` say what keeps them from the store, and what to do next."""

from __future__ import annotations

import sqlite3
import ssl
from pathlib import Path

import pymysql
import pytest

from liveproof.__main__ import main
from liveproof.clouds.aws.command_errors import explain_error as explain_aws_error
from liveproof.clouds.aws.errors import AwsRefused
from liveproof.clouds.tencent.command_errors import explain_error as explain_tencent_error
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import DatabaseUnavailable
from liveproof.clouds.tencent.sql.records import SqlRecords

ID = "ver_01jdk5z7a8b9c0d1e2f3g4h5j6"
COMMANDS = [["held"], ["release", ID]]


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell without region, profile, credentials or configuration."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID",
                 "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a command that could not be done says, in one line."""
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    return told.err


@pytest.mark.parametrize("command", COMMANDS, ids=["held", "release"])
@pytest.mark.parametrize(
    ("given", "environment", "sentence"),
    [
        (["--table", "t"], {}, "--region"),
        (["--table", "t", "--region", "ap-southeast-1"], {}, "set AWS_PROFILE"),
        (["--table", "t", "--region", "not a region"], {}, "--region"),
        (["--table", "t", "--region", "ap-southeast-1"], {"AWS_PROFILE": "nope"}, "list-profiles"),
        (
            ["--table", "t", "--region", "ap-southeast-1"],
            {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
             "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            "DynamoDB does not answer",
        ),
        (
            ["--table", "t", "--region", "ap-southeast-1"],
            {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": "no-url"},
            "AWS_ENDPOINT_URL",
        ),
        # As `--table "$TABLE"` is with a variable that nobody set.
        (["--table", "", "--region", "ap-southeast-1"], {}, "--table is empty"),
        (["--database", ""], {}, "--database must be mysql://"),
        (["--database", "mysql://127.0.0.1:9/x"], {}, "--login"),
        (["--database", "mysql://127.0.0.1:9/x", "--login", "/gone"], {}, "/gone: No such file"),
        (["--database", "mysql://127.0.0.1:9/x", "--login", "/dev/null"], {}, "must be JSON"),
        (["--database", "somewhere"], {}, "--database must be mysql://"),
    ],
)  # fmt: skip
def test_a_shell_that_cannot_reach_the_store_is_told_the_next_step(
    command: list[str],
    given: list[str],
    environment: dict[str, str],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert sentence in said([*command, *given], capsys)


def test_a_database_that_does_not_answer_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    login = tmp_path / "login.json"
    login.write_text('{"user": "u", "password": "secret-word"}')
    database = "mysql://127.0.0.1:9/x?tls=off"
    text = said(["held", "--database", database, "--login", str(login)], capsys)
    assert "The database does not answer" in text
    assert "secret-word" not in text


def test_a_file_that_is_not_there_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "records.sqlite"
    assert f"there is no file {path}" in said(["held", "--database", f"sqlite:///{path}"], capsys)
    assert not path.exists()
    path.write_bytes(b"no database at all, only some text that is long enough for a header" * 20)
    assert "cannot be used" in said(["held", "--database", f"sqlite:///{path}"], capsys)


def test_a_store_that_can_be_reached_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "records.sqlite"
    database = Database(f"sqlite:///{path}", None)
    assert SqlRecords(database, record_days=1).load(ID) is None
    database.close()
    assert main(["held", "--database", f"sqlite:///{path}"]) == 0
    assert ID in said(["release", ID, "--database", f"sqlite:///{path}"], capsys)


def refused(code: str) -> AwsRefused:
    return AwsRefused("Query", 400, code)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("ResourceNotFoundException", "There is no table t"),
        ("AccessDeniedException", "dynamodb:Query"),
        ("ExpiredTokenException", "AWS refuses the credentials"),
        ("UnrecognizedClientException", "AWS refuses the credentials"),
        ("ValidationException", "no table of a deployment"),
        ("InternalServerError", "refused with InternalServerError"),
    ],
)
def test_every_refusal_of_dynamodb_has_its_sentence(code: str, sentence: str) -> None:
    assert sentence in (explain_aws_error(refused(code), "t") or "")


def test_every_refusal_of_the_database_has_its_sentence() -> None:
    certificate = pymysql.OperationalError(2003, "cannot connect")
    vars(certificate)["original_exception"] = ssl.SSLCertVerificationError("self-signed")
    for error, sentence in (
        (pymysql.OperationalError(1045, "denied"), "refuses the login"),
        (pymysql.OperationalError(1049, "unknown"), "no such database"),
        (pymysql.OperationalError(1044, "denied"), "may not use this database"),
        (pymysql.OperationalError(1234, "else"), "The database refused"),
        (certificate, "certificate"),
        (sqlite3.OperationalError("locked"), "cannot be used"),
        (DatabaseUnavailable("gone"), "does not answer"),
    ):
        assert sentence in (explain_tencent_error(error) or "")


def test_an_error_of_another_kind_is_not_explained_away() -> None:
    assert explain_aws_error(KeyError("mine"), "t") is None
    assert explain_tencent_error(KeyError("mine")) is None
