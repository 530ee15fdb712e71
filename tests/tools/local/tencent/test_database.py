"""Where a local deployment's records are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.local.tencent.database import DatabaseSettings
from tools.processes import ToolError


def test_without_a_server_the_records_are_in_a_file_of_the_run(tmp_path: Path) -> None:
    settings = DatabaseSettings.of({}, tmp_path)
    assert settings == DatabaseSettings(f"sqlite:///{tmp_path}/records.sqlite", None)
    assert settings.url.startswith("sqlite:////")


def test_a_servers_login_goes_into_the_secret_and_not_into_the_address(tmp_path: Path) -> None:
    url = "mysql://app:p%40ss%2Fw%3Ard@db.example.com:3307/records?tls=off"
    settings = DatabaseSettings.of({"DATABASE_URL": url}, tmp_path)
    assert settings.url == "mysql://db.example.com:3307/records?tls=off"
    assert settings.login == {"user": "app", "password": "p@ss/w:rd"}
    assert "p@ss" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    ["postgres://app:secret@h/x", "mysql://h:1/x", "mysql:///x", "app:secret", "sqlite:////x"],
)
def test_another_address_is_refused_without_showing_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(ToolError, match="DATABASE_URL") as caught:
        DatabaseSettings.of({"DATABASE_URL": url}, tmp_path)
    assert "secret" not in str(caught.value)
