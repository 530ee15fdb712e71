"""The commands of the page for Tencent Cloud: secrets, passwords, variables."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.docs.commands import TENCENT
from tests.docs.pages import blocks


@pytest.mark.parametrize("name", ["api-keys", "webhooks", "vendor-key", "senseid-key"])
def test_the_documented_secrets_reach_ssm_as_they_are(ran: Path, name: str) -> None:
    folder = ran / TENCENT
    document = json.loads((folder / f"put-{name}.json").read_text(encoding="utf-8"))
    assert document == {
        "SecretName": f"liveproof-production-{name}",
        "VersionId": "v1",
        "SecretString": (folder / f"{name}.json").read_text(encoding="utf-8"),
    }


def test_the_documented_passwords_are_ones_that_the_variables_take(ran: Path) -> None:
    lines = (ran / TENCENT / "variables").read_text(encoding="utf-8").splitlines()
    variables = dict(line.removeprefix("TF_VAR_").split("=", 1) for line in lines)
    assert set(variables) == {"database_password", "database_root_password"}
    for password in variables.values():
        assert 16 <= len(password) <= 64
        assert all(
            re.search(kind, password) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]")
        )
    assert len(set(variables.values())) == len(variables)


def test_every_variable_of_the_commands_for_tencent_cloud_is_set_on_the_page() -> None:
    text = "\n".join(block.text for block in blocks("sh", TENCENT))
    used = set(re.findall(r"\$\{?([A-Za-z_]+)", text))
    made = set(re.findall(r"^(?:export )?([A-Za-z_]+)=|^for ([a-z]+) in", text, re.MULTILINE))
    # PWD is the shell's.
    assert used - {name for pair in made for name in pair} == {"PWD"}
