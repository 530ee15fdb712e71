"""The database of a local deployment: a file, or the server that DATABASE_URL names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from tools.processes import ToolError


@dataclass(frozen=True)
class DatabaseSettings:
    """The functions' settings: the URL, and the secret's document if there is a login."""

    url: str
    login: Mapping[str, str] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str], folder: Path) -> DatabaseSettings:
        """The server of DATABASE_URL (`mysql://USER:PASSWORD@HOST:PORT/NAME`, also with
        `?tls=off`), or SQLite in a folder.

        Raises:
            ToolError: the URL has no login, or another form. The message does not show the URL.
        """
        text = environment.get("DATABASE_URL")
        if not text:
            file = (folder / "records.sqlite").resolve()
            # Commands make no file; and an empty one is a database whose tables are still to come.
            file.touch()
            return cls(f"sqlite:///{file}")
        parts = urlsplit(text)
        if parts.scheme != "mysql" or not parts.hostname or not parts.username:
            raise ToolError("DATABASE_URL has to be mysql://USER:PASSWORD@HOST:PORT/NAME")
        host = parts.netloc.rpartition("@")[2]
        url = urlunsplit(("mysql", host, parts.path, parts.query, ""))
        login = {"user": unquote(parts.username), "password": unquote(parts.password or "")}
        return cls(url, login)
