"""The program of docs/receivers.md that shows how a wrong receiver passes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.docs.pages import ROOT, blocks
from tests.receivers.verifiers import EXAMPLES
from tests.support import toolchains
from tools.docs.webhook_vectors import NOW, vectors
from tools.processes import clean_environment


def run_with_node(script: Path) -> str:
    command, variables = toolchains.node(script, EXAMPLES / "express")
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=60, check=True, cwd=ROOT,
        env=clean_environment(variables),
    )  # fmt: skip
    return done.stdout


def test_the_pages_program_prints_what_the_page_says(tmp_path: Path) -> None:
    (program,) = blocks("js", "receivers.md")
    (printed,) = blocks("text", "receivers.md")
    script = tmp_path / "vectors.js"
    vectors_file = json.dumps(str(ROOT / "docs" / "webhook-vectors.json"))
    script.write_text(program.text.replace('"./docs/webhook-vectors.json"', vectors_file))
    assert run_with_node(script) == printed.text


def test_the_vector_that_was_written_again_is_what_javascript_writes(tmp_path: Path) -> None:
    listed = {vector.name: vector for vector in vectors(NOW)}
    script = tmp_path / "again.js"
    text = json.dumps(listed["non_ascii"].body)
    script.write_text(f"process.stdout.write(JSON.stringify(JSON.parse({text})))")
    assert run_with_node(script) == listed["reserialised_by_javascript"].body
