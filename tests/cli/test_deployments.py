"""--deployment names a deployment; an error that keeps a command from it names the next step."""

from __future__ import annotations

import sqlite3
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from liveproof.clouds.aws.errors import AwsRefused
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.clouds.tencent.sql.errors import DatabaseUnavailable
from liveproof.ports import Records
from liveproof_cli.deployments.aws_errors import explain_error as explain_aws_error
from liveproof_cli.deployments.tencent_errors import explain_error as explain_tencent_error
from tests.support.aws import REGION, TABLE, account
from tests.support.command_line import Liveproof, terraform_outputs
from tests.support.stacks import cloudformation
from tests.support.verifications import numbered

ID = "ver_01jdk5z7a8b9c0d1e2f3g4h5j6"
COMMANDS = [["list"], ["release", ID, "--why", "tried"], ["show", ID]]
MYSQL = "mysql://127.0.0.1:9/x?tls=off"
KEY = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}


def said(liveproof: Liveproof, *arguments: str | Path) -> str:
    """What a command that could not be done says, in one line."""
    done = liveproof(*arguments)
    assert (done.status, done.out) == (1, "")
    assert len(done.err.splitlines()) == 1
    return done.err


# -- AWS --------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS, ids=["list", "release", "show"])
@pytest.mark.parametrize(
    ("named", "environment", "sentence"),
    [
        ("aws:test", {}, "aws:STAGE@REGION"),
        ("aws:test@ap-southeast-1", {}, "set AWS_PROFILE"),
        ("aws:test@not a region", {}, "aws:STAGE@REGION"),
        ("aws:test@ap-southeast-1", {"AWS_PROFILE": "nope"}, "list-profiles"),
        (
            "aws:test@ap-southeast-1",
            {**KEY, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            "AWS does not answer",
        ),
        (
            "aws:test@ap-southeast-1",
            {**KEY, "AWS_ENDPOINT_URL": "no-url"},
            "AWS_ENDPOINT_URL",
        ),
    ],
)
def test_without_access_to_aws_the_error_names_the_next_step(
    liveproof: Liveproof,
    command: list[str],
    named: str,
    environment: dict[str, str],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert sentence in said(liveproof, "--deployment", named, *command)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """The records of the stack `liveproof-test` in a mocked account that the shell may use."""
    for name, value in KEY.items():
        monkeypatch.setenv(name, value)
    outputs = {"TableName": TABLE, "HttpApiUrl": "https://abc.execute-api.example"}
    stacks = {"liveproof-test": outputs, "liveproof-other": {"TopicName": "alarms"}}
    with account() as clients, cloudformation(stacks) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", url)
        yield DynamoRecords(clients, TABLE, record_days=1)


def test_a_stack_is_found_by_its_stage(liveproof: Liveproof, stack: Records) -> None:
    for number, client in enumerate(("shop", "bank", "shop")):
        stack.save(numbered(number, client=client))

    listed = liveproof("--deployment", f"aws:test@{REGION}", "list", "--json")

    assert (listed.status, listed.err) == (0, "")
    assert [line["client"] for line in listed.lines] == ["shop", "bank", "shop"]


def test_the_region_of_the_shell_is_the_default(
    liveproof: Liveproof, stack: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("LIVEPROOF_DEPLOYMENT", "aws:test")

    assert liveproof("list").status == 0


def test_a_missing_or_foreign_stack_is_a_clear_error(liveproof: Liveproof, stack: Records) -> None:
    text = said(liveproof, "list", "--deployment", f"aws:gone@{REGION}")
    assert f"There is no stack liveproof-gone in {REGION}" in text
    assert "none of liveproof" in said(liveproof, "list", "--deployment", f"aws:other@{REGION}")


# -- Tencent Cloud ----------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS, ids=["list", "release", "show"])
@pytest.mark.parametrize(
    ("url", "login", "sentence"),
    [
        ("", None, "database_url must be mysql://"),
        ("somewhere", None, "database_url must be mysql://"),
        (MYSQL, None, "--login"),
        (MYSQL, "/gone", "/gone: No such file"),
        (MYSQL, "/dev/null", "must be JSON"),
    ],
)
def test_without_access_to_the_database_the_error_names_the_next_step(
    liveproof: Liveproof,
    tmp_path: Path,
    command: list[str],
    url: str,
    login: str | None,
    sentence: str,
) -> None:
    options = ["--deployment", str(terraform_outputs(tmp_path, url))]
    if login is not None:
        options += ["--login", login]
    assert sentence in said(liveproof, *command, *options)


def test_a_database_that_does_not_answer_is_a_clear_error(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    login = tmp_path / "login.json"
    login.write_text('{"user": "u", "password": "secret-word"}')
    outputs = terraform_outputs(tmp_path, MYSQL)
    text = said(liveproof, "list", "--deployment", outputs, "--login", login)
    assert "The database does not answer" in text
    assert "secret-word" not in text


def test_a_file_of_records_that_is_not_there_is_not_made(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    path = tmp_path / "records.sqlite"
    outputs = terraform_outputs(tmp_path, f"sqlite:///{path}")
    assert f"There is no file {path}" in said(liveproof, "list", "--deployment", outputs)
    assert not path.exists()
    path.write_bytes(b"no database at all, only some text that is long enough for a header" * 20)
    assert "cannot be used" in said(liveproof, "list", "--deployment", outputs)


# -- Names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["no json", "[]", "{}", '{"cloud": "moon"}', '{"url": 1}', "[" * 9999]
)
def test_a_file_that_describes_no_deployment_is_a_clear_error(
    liveproof: Liveproof, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "deployment.json"
    file.write_text(text)
    assert f"--deployment {file}" in said(liveproof, "list", "--deployment", file)


@pytest.mark.parametrize("name", ["aws:", "aws:a/b", "aws:a@b@c"])
def test_a_name_of_a_stack_that_cannot_be_one_is_a_misuse(liveproof: Liveproof, name: str) -> None:
    done = liveproof("list", "--deployment", name)
    assert done.status == 2
    assert "aws:STAGE@REGION" in done.err


def test_a_deployment_must_be_named(liveproof: Liveproof) -> None:
    done = liveproof("list")
    assert done.status == 2
    assert "LIVEPROOF_DEPLOYMENT" in done.err
    assert "No such file" in said(liveproof, "list", "--deployment", "nowhere.json")


def test_the_option_may_stand_on_both_sides_and_wins_over_the_environment(
    liveproof: Liveproof, named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert liveproof("list").status == 0
    monkeypatch.setenv("LIVEPROOF_DEPLOYMENT", "nowhere.json")
    assert liveproof("--deployment", named, "list").status == 0
    assert liveproof("list", "--deployment", named).status == 0
    assert liveproof("list").status == 1


# -- Errors -----------------------------------------------------------------------------------


def refused(code: str) -> AwsRefused:
    return AwsRefused("Query", 400, code)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("ResourceNotFoundException", "liveproof-test has no such table"),
        ("AccessDeniedException", "dynamodb:Query"),
        ("ExpiredTokenException", "AWS refuses the credentials"),
        ("UnrecognizedClientException", "AWS refuses the credentials"),
        ("ValidationException", "none of this version"),
        ("InternalServerError", "refused with InternalServerError"),
    ],
)
def test_every_refusal_of_aws_has_its_sentence(code: str, sentence: str) -> None:
    from botocore.exceptions import ClientError

    for error in (refused(code), ClientError({"Error": {"Code": code}}, "DescribeStacks")):
        assert sentence in (explain_aws_error(error, "liveproof-test") or "")


def test_every_refusal_of_the_database_has_its_sentence() -> None:
    certificate = pymysql.OperationalError(2003, "cannot connect")
    vars(certificate)["original_exception"] = ssl.SSLCertVerificationError("self-signed")
    errors: list[tuple[Any, str]] = [
        (pymysql.OperationalError(1045, "denied"), "refuses the login"),
        (pymysql.OperationalError(1049, "unknown"), "no such database"),
        (pymysql.OperationalError(1044, "denied"), "may not use this database"),
        (pymysql.OperationalError(1234, "else"), "The database refused"),
        (certificate, "certificate"),
        (sqlite3.OperationalError("locked"), "cannot be used"),
        (DatabaseUnavailable("gone"), "does not answer"),
    ]
    for error, sentence in errors:
        assert sentence in (explain_tencent_error(error) or "")


def test_an_error_of_another_kind_is_not_explained_away() -> None:
    assert explain_aws_error(KeyError("mine"), "t") is None
    assert explain_tencent_error(KeyError("mine")) is None
