"""The block that `make local` prints for people."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools.local.next_steps import text


def test_it_has_the_addresses_the_key_and_three_commands_that_a_shell_takes(tmp_path: Path) -> None:
    deployment = tmp_path / "it's here" / "deployment.json"
    steps = text("http://api", "lp_key", "http://console", "http://hooks", deployment)
    for what in ("http://api", "lp_key", "http://console", "http://hooks"):
        assert what in steps.partition("In another terminal:")[0]
    commands = steps.partition("In another terminal:")[2].partition("Ctrl-C")[0].split("\n")
    commands = [line.strip() for line in commands if line.strip()]
    assert [line.split()[0].rpartition("/")[2] for line in commands] == [
        "export", "curl", "liveproof",
    ]  # fmt: skip
    script = f"{commands[0]}\necho $API $API_KEY\n" + commands[2].replace(
        commands[2].split()[0], "printf '%s\\n'"
    )
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "http://api lp_key", "--deployment", str(deployment), "list",
    ]  # fmt: skip


def test_a_problem_document_is_seen() -> None:
    steps = text("http://api", "lp_key", "http://console", "http://hooks", Path("/d"))
    assert steps.count("curl ") == steps.count("--fail-with-body")
