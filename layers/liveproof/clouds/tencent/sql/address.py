"""Which database holds the deployment's records: the setting LIVEPROOF_DATABASE_URL.

`mysql://HOST:PORT/NAME` is a server of MySQL's protocol, always reached over TLS; a query says how:
nothing (encrypted, and with a CA in the secret the certificate must be the CA's), `?tls=host` (the
certificate must be for HOST as well), `?tls=off` (no TLS at all, for local runs).
`sqlite:////absolute/path` is a file.
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from liveproof.secret_documents import SecretDocument
from liveproof.settings import SettingsError

URL_SETTING = "LIVEPROOF_DATABASE_URL"
_PORT = 3306
_NAME = re.compile(r"[A-Za-z0-9_$-]{1,64}")

Tls = Literal["ca", "host", "off"]


class MysqlAddress(Struct, frozen=True):
    """A database of a server.

    Attributes:
        tls: `ca`: encrypted, the certificate checked against the CA if there is one, not against
            the host's name; `host`: that too, and a CA is required; `off`: readable by anybody on
            the way.
    """

    host: str
    port: int
    name: str
    tls: Tls


class SqliteAddress(Struct, frozen=True):
    """A file, by its absolute path."""

    path: str


class DatabaseLogin(SecretDocument, frozen=True):
    """The login of a server. `ca` is the CA of its certificate, in PEM; None: not verified."""

    user: str
    password: str
    ca: str | None = None

    def __repr__(self) -> str:
        return f"DatabaseLogin(user={self.user!r})"


def parse_database_url(url: str) -> MysqlAddress | SqliteAddress:
    """The address in a value of the setting.

    Raises:
        SettingsError: the value is not valid. The text never shows it: somebody may have put a
            password there.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        options = dict(
            parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        )
    except ValueError:
        raise SettingsError(f"{URL_SETTING} is not a URL") from None
    if "@" in parts.netloc:
        raise SettingsError(
            f"{URL_SETTING} must not hold a user or a password; LIVEPROOF_DATABASE_SECRET does"
        )
    if parts.scheme == "sqlite":
        return _sqlite(url, parts.netloc, parts.path)
    if parts.scheme != "mysql" or parts.fragment:
        raise SettingsError(f"{URL_SETTING} must be mysql://HOST:PORT/NAME or sqlite:////PATH")
    if not parts.hostname:
        raise SettingsError(f"{URL_SETTING} names no host: mysql://HOST:PORT/NAME")
    name = parts.path.removeprefix("/")
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{URL_SETTING} names no database: mysql://HOST:PORT/NAME")
    return MysqlAddress(parts.hostname, port or _PORT, name, _tls(options))


def _sqlite(url: str, netloc: str, path: str) -> SqliteAddress:
    # sqlite:////a/b: an empty host, then the slash that ends it, then the absolute path.
    if netloc or not path.startswith("//") or path.endswith("/") or "?" in url or "#" in url:
        raise SettingsError(f"{URL_SETTING} must name a file by its absolute path: sqlite:////PATH")
    return SqliteAddress(path[1:])


def _tls(options: dict[str, str]) -> Tls:
    if not options:
        return "ca"
    if options == {"tls": "host"}:
        return "host"
    if options == {"tls": "off"}:
        return "off"
    raise SettingsError(f"{URL_SETTING} knows the options tls=host and tls=off, and no other")
