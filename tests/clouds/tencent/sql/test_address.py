"""What LIVEPROOF_DATABASE_URL may be."""

from __future__ import annotations

import pytest

from liveproof.clouds.tencent.sql.address import (
    DatabaseLogin,
    MysqlAddress,
    SqliteAddress,
    parse_database_url,
)
from liveproof.clouds.tencent.sql.database import Database
from liveproof.settings import SettingsError


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mysql://10.0.0.5:3306/liveproof", MysqlAddress("10.0.0.5", 3306, "liveproof", "ca")),
        ("mysql://db.internal/live_proof", MysqlAddress("db.internal", 3306, "live_proof", "ca")),
        ("mysql://[fd00::5]:3307/a?tls=host", MysqlAddress("fd00::5", 3307, "a", "host")),
        ("mysql://127.0.0.1:1/a?tls=off", MysqlAddress("127.0.0.1", 1, "a", "off")),
        ("sqlite:////tmp/a b/records.sqlite", SqliteAddress("/tmp/a b/records.sqlite")),
    ],
)
def test_a_url_names_a_server_or_a_file(url: str, address: MysqlAddress | SqliteAddress) -> None:
    assert parse_database_url(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "secret-password",
        "postgres://host/secret-password",
        "http://host/secret-password",
        "mysql://user:secret-password@host/name",
        "mysql://secret-password@host/name",
        "mysql:///secret-password",
        "mysql://host",
        "mysql://host/",
        "mysql://host/a/secret-password",
        "mysql://host/a`secret-password",
        "mysql://host:secret-password/name",
        "mysql://host:99999/name",
        "mysql://[secret-password/name",
        "mysql://host/name#secret-password",
        "mysql://host/name?password=secret-password",
        "mysql://host/name?tls=secret-password",
        "mysql://host/name?tls=off&password=secret-password",
        "mysql://host/name?secret-password",
        "mysql://host/name?tls=",
        "sqlite:///secret-password",
        "sqlite://host//secret-password",
        "sqlite:////",
        "sqlite:////folder/",
        "sqlite:////file?mode=secret-password",
    ],
)
def test_a_url_that_is_not_valid_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(SettingsError, match="LIVEPROOF_DATABASE_URL") as refused:
        parse_database_url(url)

    assert "secret-password" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_server_needs_a_login() -> None:
    with pytest.raises(SettingsError, match="LIVEPROOF_DATABASE_SECRET"):
        Database("mysql://host/name", None)


def test_a_login_does_not_show_its_password() -> None:
    login = DatabaseLogin("user", "secret-password", "secret-password")

    assert "secret-password" not in f"{login!r} {login}"
