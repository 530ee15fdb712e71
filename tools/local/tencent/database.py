"""The database of a local deployment: a file, or the server that DATABASE_URL names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from tools.processes import LocalCloudError


@dataclass(frozen=True)
class Database:
    """What the functions are told: the address, and the secret's document if there is a login."""

    url: str
    login: Mapping[str, str] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str], folder: Path) -> Database:
        """The server of DATABASE_URL (`mysql://USER:PASSWORD@HOST:PORT/NAME`, also with
        `?tls=off`), or SQLite in a folder.

        Raises:
            LocalCloudError: the URL has no login, or is no such URL. The text does not show it.
        """
        given = environment.get("DATABASE_URL")
        if not given:
            return cls(f"sqlite:///{(folder / 'records.sqlite').resolve()}")
        parts = urlsplit(given)
        if parts.scheme != "mysql" or not parts.hostname or not parts.username:
            raise LocalCloudError("DATABASE_URL has to be mysql://USER:PASSWORD@HOST:PORT/NAME")
        host = parts.netloc.rpartition("@")[2]
        url = urlunsplit(("mysql", host, parts.path, parts.query, ""))
        login = {"user": unquote(parts.username), "password": unquote(parts.password or "")}
        return cls(url, login)
