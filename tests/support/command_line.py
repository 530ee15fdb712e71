"""The command `liveproof` in the test's own process, with deployments for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from liveproof_cli.family import Family
from liveproof_cli.program import main

ENVIRONMENT = (
    "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "LIVEPROOF_DEPLOYMENT",
    "LIVEPROOF_LOGIN", "LIVEPROOF_API_KEY",
)  # fmt: skip
"""What a shell may say that a command reads."""


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON, one object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Liveproof = Callable[..., Done]
"""Runs `liveproof` with these arguments."""


def runner(capsys: pytest.CaptureFixture[str]) -> Liveproof:
    """What runs the command and captures its output."""

    def run(*arguments: str | Path) -> Done:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return run


def without_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell without region, profile, credentials, configuration or deployment."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def terraform_outputs(folder: Path, database_url: str, **others: Any) -> Path:
    """A file as `terraform output -json` writes it."""
    values = {
        "url": "https://1250000000-abc.ap-singapore.tencentscf.com",
        "region": "ap-singapore",
        "database_url": database_url,
        "functions": {"api": "liveproof-production-api"},
        "secrets": {
            name: f"liveproof-production-{name.replace('_', '-')}:v1"
            for name in ("api_keys", "webhooks", "vendor_key")
        },
        **others,
    }
    file = folder / "outputs.json"
    file.write_text(json.dumps({name: {"value": value} for name, value in values.items()}))
    return file


def every_command(family: Family, *names: str) -> dict[tuple[str, ...], click.Command]:
    """Every command of a family and of the families in it, by its words."""
    commands: dict[tuple[str, ...], click.Command] = {}
    context = click.Context(family)
    for name in family.list_commands(context):
        command = family.get_command(context, name)
        assert command is not None
        if isinstance(command, Family):
            commands |= every_command(command, *names, name)
        else:
            words = (*names, name)
            commands[words] = command
    return commands
