"""The pages for the app's team know what the clients know, and have the words of their readers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, text_of

KOTLIN = ROOT / "clients" / "kotlin"
SOURCES = KOTLIN / "src" / "main" / "kotlin" / "liveproof" / "client"
TYPESCRIPT = ROOT / "clients" / "typescript" / "src" / "upload"


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "word", ["browser", "Kotlin", "Swift", "Flutter", "React Native", "HEIC", "MOV", "CORS"]
)
def test_an_apps_team_finds_its_word_on_the_first_page(word: str) -> None:
    assert word in text_of("uploading.md").partition("\n## ")[0]


@pytest.mark.parametrize("source", [SOURCES / "BucketAnswer.kt", TYPESCRIPT / "storage.ts"])
def test_every_answer_that_a_client_knows_has_its_row(source: Path) -> None:
    codes = set(re.findall(r'"([A-Z][a-z]+(?:[A-Z][a-z0-9]+)+)"', read(source)))
    codes |= set(re.findall(r"^  ([A-Z][A-Za-z]+):", read(source), re.MULTILINE))
    assert len(codes) > 10
    rows = [line for line in text_of("upload-answers.md").splitlines() if line.startswith("| ")]
    assert {code for code in codes if f"`{code}`" not in "\n".join(rows)} == set()


def test_the_kotlin_clients_codes_are_on_its_page_and_are_the_typescript_clients() -> None:
    codes = set(re.findall(r'^ {12}"(\w+)",$', read(SOURCES / "UploadException.kt"), re.MULTILINE))
    codes |= set(re.findall(r'UploadException\("(\w+)",', read(SOURCES / "UploadException.kt")))
    listed = re.findall(r"^\| `\w+` \| `(\w+)` \|", read(KOTLIN / "README.md"), re.MULTILINE)
    assert set(listed) == codes
    # A browser has no total time, and no headers that cannot be sent.
    own = {"timed_out", "invalid_upload"}
    assert own < codes
    others = set(re.findall(r'\| "(\w+)"', read(TYPESCRIPT / "errors.ts")))
    assert codes - own <= others
