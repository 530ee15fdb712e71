"""A MariaDB server for tests and benchmarks: their own, or LIVEPROOF_TEST_MYSQL_URL's.

The variable is `mysql://USER:PASSWORD@HOST:PORT`, with `?tls=off` for a server without TLS; the
user must be allowed to create databases. Without it, Debian's `mariadb-server` is started in a
temporary folder, on a port of 127.0.0.1 that the system chooses, and stopped at the end: in about a
second, so every worker of a test run has its own.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pymysql

from liveproof.clouds.tencent.sql.address import DatabaseLogin
from liveproof.clouds.tencent.sql.database import Database
from tools.certificates import issue
from tools.processes import Child, ToolError, clean_environment, free_port, tail, wait_until

VARIABLE = "LIVEPROOF_TEST_MYSQL_URL"
_ADDRESS = "127.0.0.1"
_PASSWORD = "pässword'%s"  # noqa: S105 - of a server that lives for one test run
_START_SECONDS = 30.0
_STARTS = 3


@dataclass(frozen=True)
class ScratchDatabase:
    """A database for one test: its URL and its login."""

    url: str
    login: DatabaseLogin | None

    def open(self, **options: Any) -> Database:
        """A new adapter of the database, as another container would have it.

        Args:
            options: more arguments of `Database`.
        """
        login = self.login
        return Database(self.url, None if login is None else lambda: login, **options)


@dataclass(frozen=True)
class MariadbServer:
    """A running server.

    Attributes:
        query: of its URLs: how TLS is used.
        own: whether it is a server of the tests' own, which has TLS with `login.ca`.
    """

    host: str
    port: int
    login: DatabaseLogin
    query: str
    own: bool

    def connect(self, database: str | None = None) -> pymysql.Connection[Any]:
        """A connection beside the adapter's, to look at what it stored.

        Without TLS to a server of the tests' own: its certificates take longer than the rest.
        """
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.login.user,
            password=self.login.password.encode(),
            database=database,
            autocommit=True,
            connect_timeout=5,
            read_timeout=30,
            ssl_disabled=self.own,
        )

    def url(self, database: str, port: int | None = None, query: str | None = None) -> str:
        """The setting that names one of its databases."""
        query = self.query if query is None else query
        return f"mysql://{self.host}:{port or self.port}/{database}{query}"

    @contextmanager
    def new_database(self) -> Iterator[ScratchDatabase]:
        """A new, empty database, dropped at the end."""
        name = f"liveproof_test_{secrets.token_hex(6)}"
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
            try:
                yield ScratchDatabase(self.url(name), self.login)
            finally:
                cursor.execute(f"DROP DATABASE {name}")


def why_not(environment: Mapping[str, str] = os.environ) -> str | None:
    """The reason why there is no server; None if there is one."""
    if environment.get(VARIABLE) or _program("mariadbd") is not None:
        return None
    return f"no mariadbd (Debian: apt-get install mariadb-server), and {VARIABLE} names no server"


@contextmanager
def server(folder: Path) -> Iterator[MariadbServer]:
    """A server until the block ends.

    Raises:
        ToolError: the server of the tests' own did not start.
    """
    url = os.environ.get(VARIABLE)
    if url:
        yield _named(url)
        return
    with ExitStack() as stack:
        yield _start(folder, stack)


def _named(url: str) -> MariadbServer:
    parts = urlsplit(url)
    login = DatabaseLogin(unquote(parts.username or "root"), unquote(parts.password or ""))
    query = f"?{parts.query}" if parts.query else ""
    return MariadbServer(parts.hostname or _ADDRESS, parts.port or 3306, login, query, own=False)


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _required(name: str) -> str:
    program = _program(name)
    if program is None:
        raise ToolError(f"no {name}; Debian's mariadb-server has it")
    return program


def _start(folder: Path, stack: ExitStack) -> MariadbServer:
    issued = issue(folder, _ADDRESS)
    data, log, temporary = folder / "data", folder / "mariadbd.log", folder / "tmp"
    temporary.mkdir()
    # Nothing has to outlive the test: no waiting for the disk, small files.
    options = [
        "--no-defaults",
        f"--datadir={data}",
        f"--tmpdir={temporary}",  # a server that starts clears its folder of others' files
        "--innodb-log-file-size=8M",
        "--innodb-buffer-pool-size=32M",
        *(["--user=root"] if os.geteuid() == 0 else []),
    ]
    install = [_required("mariadb-install-db"), *options, "--skip-test-db"]
    installed = subprocess.run(
        [*install, "--auth-root-authentication-method=normal"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if installed.returncode:
        raise ToolError(f"mariadb-install-db failed\n{installed.stdout}{installed.stderr}")
    first = folder / "first.sql"
    password = _PASSWORD.replace("'", "''")
    first.write_text(
        f"CREATE USER 'liveproof'@'%' IDENTIFIED BY '{password}';\n"
        "GRANT ALL ON *.* TO 'liveproof'@'%';\n",
        encoding="utf-8",
    )
    options += [
        f"--bind-address={_ADDRESS}",
        f"--socket={folder / 's'}",
        f"--pid-file={folder / 'pid'}",
        f"--init-file={first}",
        "--character-set-server=utf8mb4",
        "--innodb-flush-log-at-trx-commit=0",
        "--skip-log-bin",
        "--skip-name-resolve",
        f"--ssl-ca={issued.authority}",
        f"--ssl-cert={issued.certificate}",
        f"--ssl-key={issued.key}",
    ]
    login = DatabaseLogin("liveproof", _PASSWORD, issued.authority.read_text())
    for _ in range(_STARTS):  # another program may take the port first
        port = free_port()
        command = [_required("mariadbd"), *options, f"--port={port}"]
        child = stack.enter_context(Child("mariadbd", command, log, clean_environment()))
        server = MariadbServer(_ADDRESS, port, login, "", own=True)
        if _answers(server, child):
            return server
    raise ToolError(f"mariadbd did not start\n{tail(log)}")


def _answers(server: MariadbServer, child: Child) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while child.process.poll() is None:
        try:
            server.connect().close()
        except pymysql.Error:
            if not wait_until(deadline):
                return False
        else:
            return True
    return False
