"""The way to the server is encrypted, and the server is who the CA says."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pymysql import _auth

from liveproof.clouds.tencent.sql.address import DatabaseLogin, MysqlAddress, Tls
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.mysql import Mysql
from liveproof.ports import SecretUnusable
from liveproof.settings import SettingsError
from tests.support.fake_mysql import FakeMysql
from tests.support.servers import serving
from tools.certificates import Issued, issue
from tools.mariadb import MariadbServer

CIPHER = "SHOW STATUS LIKE 'Ssl_cipher'"


@pytest.fixture
def own(mariadb: MariadbServer) -> Iterator[tuple[MariadbServer, str]]:
    """A server whose CA is known, and a database of it."""
    if not mariadb.own:
        pytest.skip("only the tests' own server has a CA that they know")
    with mariadb.new_database() as place:
        yield mariadb, place.url.rsplit("/", 1)[1]


def cipher(url: str, login: DatabaseLogin) -> str:
    with closing(Database(url, lambda: login)) as database:
        return str(database.query(CIPHER)[0][1])


@pytest.mark.parametrize("query", ["", "?tls=host"])
def test_a_server_with_a_certificate_of_the_ca_is_trusted(
    own: tuple[MariadbServer, str], query: str
) -> None:
    server, name = own
    assert cipher(server.url(name, query=query), server.login).startswith("TLS")


@pytest.mark.parametrize("query", ["", "?tls=host"])
def test_a_server_with_another_certificate_is_refused(
    own: tuple[MariadbServer, str], query: str, tmp_path: Path
) -> None:
    server, name = own
    other = issue(tmp_path, "127.0.0.1").authority.read_text()
    login = DatabaseLogin(server.login.user, server.login.password, other)

    with pytest.raises(Exception, match=r"certificate verify failed"):
        cipher(server.url(name, query=query), login)


def test_a_certificate_for_another_host_is_refused_where_hosts_are_checked(
    own: tuple[MariadbServer, str],
) -> None:
    server, name = own
    by_name = f"mysql://localhost:{server.port}/{name}"

    assert cipher(by_name, server.login)
    with pytest.raises(Exception, match=r"certificate verify failed.*localhost"):
        cipher(f"{by_name}?tls=host", server.login)


def test_without_a_ca_the_connection_is_encrypted(own: tuple[MariadbServer, str]) -> None:
    server, name = own
    login = DatabaseLogin(server.login.user, server.login.password)

    assert cipher(server.url(name), login).startswith("TLS")


def test_only_tls_off_is_not_encrypted(own: tuple[MariadbServer, str]) -> None:
    server, name = own
    assert cipher(server.url(name, query="?tls=off"), server.login) == ""


def test_checking_the_host_takes_a_ca() -> None:
    with (
        closing(
            Database("mysql://127.0.0.1/a?tls=host", lambda: DatabaseLogin("u", "p"))
        ) as database,
        pytest.raises(SettingsError, match="ca"),
    ):
        database.query("SELECT 1")


@pytest.mark.parametrize("ca", ["", "secret-password", "-----BEGIN CERTIFICATE-----\nx\n"])
def test_a_ca_that_cannot_be_read_is_reported_without_showing_it(ca: str) -> None:
    with (
        closing(Database("mysql://127.0.0.1/a", lambda: DatabaseLogin("u", "p", ca))) as database,
        pytest.raises(SecretUnusable, match="ca") as unusable,
    ):
        database.query("SELECT 1")

    assert "secret-password" not in str(unusable.value)


# -- MySQL 8's way to log in. MariaDB does not have it, so the server is as small as a login takes.


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    return issue(tmp_path, "127.0.0.1")


def served_tls(issued: Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    return context


def dialect(port: int, issued: Issued, tls: Tls) -> Mysql:
    login = DatabaseLogin("somebody", "secret-pässword", issued.authority.read_text())
    return Mysql(MysqlAddress("127.0.0.1", port, "name", tls), lambda: login)


def test_over_tls_the_password_needs_no_cryptography(
    issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_auth, "_have_cryptography", False)
    fake = FakeMysql(served_tls(issued))
    with serving(fake.serve) as server:
        dialect(server.port, issued, "host").connect().close()

    assert fake.passwords == ["secret-pässword".encode() + b"\0"]
    assert b"somebody" not in fake.seen
    assert any(b"innodb_lock_wait_timeout" in statement for statement in fake.statements)


def test_without_tls_that_login_does_not_send_the_password_in_the_clear(issued: Issued) -> None:
    fake = FakeMysql(None)
    with serving(fake.serve) as server, pytest.raises(Exception, match=r"2013|Lost connection"):
        dialect(server.port, issued, "off").connect()

    assert fake.passwords == [b"\x02"]  # it asks for the server's key instead
    assert b"secret" not in fake.seen


@pytest.mark.parametrize("tls", ["ca", "host"])
def test_a_server_without_tls_learns_neither_user_nor_password(issued: Issued, tls: Tls) -> None:
    fake = FakeMysql(None)
    with serving(fake.serve) as server, pytest.raises(Exception, match="SSL is required"):
        dialect(server.port, issued, tls).connect()

    assert fake.passwords in ([], [b""])
    assert bytes(fake.seen) == b""
