"""Every command in the pages is run by a test, or is on a list with the reason why not."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from liveproof import facts
from liveproof_cli.family import Family
from liveproof_cli.program import PROGRAM
from tests.docs.commands import COMMANDS, LIVEPROOF, NOT_RUN_HERE, reasons_not_to_run
from tests.docs.pages import ROOT, blocks, text_of
from tests.support.command_line import every_command

MAKE = [
    command.removeprefix("CLOUD=tencent ")
    for command in COMMANDS
    if command.removeprefix("CLOUD=tencent ").startswith("make ")
]


@pytest.mark.parametrize("entry", NOT_RUN_HERE, ids=str)
def test_the_list_names_only_blocks_that_exist(entry: tuple[str, str]) -> None:
    assert any(block.text.startswith(entry[1]) for block in blocks("sh", entry[0]))


def test_a_block_is_on_the_list_once_at_most() -> None:
    assert all(len(reasons_not_to_run(block)) <= 1 for block in blocks("sh"))


def test_the_documented_explain_command_tells_what_the_code_means() -> None:
    (block,) = blocks("sh", "reasons.md")
    command = block.text.replace(LIVEPROOF, f"{shlex.quote(sys.executable)} -m liveproof_cli")
    done = subprocess.run(
        ["bash", "-euc", f"{command.strip()} --json"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": "layers:."},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    (explained,) = (json.loads(line) for line in done.stdout.splitlines())
    code = command.split()[-1]
    entry = facts.code_table("faceid").codes[code]
    assert (explained["code"], explained["reason"]) == (code, entry.reason)
    assert explained["tell"] in text_of("reasons.md")


LIVEPROOF_COMMANDS = [command for command in COMMANDS if command.startswith(f"{LIVEPROOF} ")]


@pytest.mark.parametrize("command", LIVEPROOF_COMMANDS)
def test_the_command_line_takes_the_documented_options(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in re.findall(r"[\w-]+\.(?:txt|json)", command):
        (tmp_path / file).write_text("{}")
    name, *arguments = shlex.split(command.removeprefix(LIVEPROOF).partition(" > ")[0])
    context = click.Context(PROGRAM)
    subcommand = PROGRAM.get_command(context, name)
    while isinstance(subcommand, Family):
        name, *arguments = arguments
        subcommand = subcommand.get_command(context, name)
    assert subcommand is not None
    subcommand.make_context(name, arguments)


def test_the_page_has_every_command_and_no_other() -> None:
    page = text_of("command-line.md")
    rows = re.findall(r"^\| `([a-z -]+?)(?: [A-Z|-]+)*` \|", page, re.MULTILINE)
    assert sorted(rows) == sorted(" ".join(names) for names in every_command(PROGRAM))


@pytest.mark.parametrize("command", MAKE)
def test_make_targets_and_their_variables_exist(command: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target, *variables = shlex.split(command)[1:]
    assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)
    for variable in variables:
        name = variable.partition("=")[0]
        assert f"$({name})" in makefile or f"$(value {name})" in makefile
