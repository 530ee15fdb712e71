"""Every command in the pages is run by a test, or is on a list with the reason why not."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys

import pytest

from liveproof import facts
from liveproof.__main__ import _parser
from tests.docs.commands import COMMANDS, LIVEPROOF, NOT_RUN_HERE, reasons_not_to_run
from tests.docs.pages import ROOT, blocks, text_of

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
    command = block.text.replace(LIVEPROOF, f"{shlex.quote(sys.executable)} -m liveproof")
    done = subprocess.run(
        ["bash", "-euc", command], cwd=ROOT / "layers",
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    (found,) = (json.loads(line) for line in done.stdout.splitlines())
    code = command.split()[-1]
    entry = facts.code_table("faceid").codes[code]
    assert (found["code"], found["reason"]) == (code, entry.reason)
    assert found["tell"] in text_of("reasons.md")


@pytest.mark.parametrize("command", ["held", "release", "explain"])
def test_the_command_lines_subcommands_take_the_documented_options(command: str) -> None:
    texts = [
        block.text for block in blocks("sh") if block.text.startswith(f"{LIVEPROOF} {command} ")
    ]
    assert len(texts) == (1 if command == "explain" else len(("aws", "tencent")))
    for text in texts:
        arguments = shlex.split(text.removeprefix(LIVEPROOF))
        assert vars(_parser().parse_args(arguments))["command"] == command


@pytest.mark.parametrize("command", MAKE)
def test_make_targets_and_their_variables_exist(command: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target, *variables = command.split()[1:]
    assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE)
    for variable in variables:
        name = variable.partition("=")[0]
        assert f"$({name})" in makefile or f"$(value {name})" in makefile
