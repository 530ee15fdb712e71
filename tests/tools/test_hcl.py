"""Terraform's files, parsed once for all processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import hcl

TEXT = 'variable "stage" {\n  default = "production"\n}\n'


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of parsed files, and a process that has read none yet."""
    monkeypatch.setattr(hcl, "_KEPT", tmp_path / "kept")
    hcl._load.cache_clear()
    hcl.parse.cache_clear()
    return tmp_path / "kept"


def written(folder: Path, text: str = TEXT) -> Path:
    path = folder / "variables.tf"
    path.write_text(text, encoding="utf-8")
    return path


def test_another_process_reads_the_cached_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hcl.load(written(tmp_path))
    assert first == hcl.parse(TEXT)
    hcl._load.cache_clear()
    monkeypatch.setattr(hcl, "parse", None)

    assert hcl.load(written(tmp_path)) == first


def test_a_file_that_changed_is_parsed_again(tmp_path: Path) -> None:
    before = hcl.load(written(tmp_path))

    assert hcl.load(written(tmp_path, TEXT.replace("production", "local"))) != before


def test_a_text_that_may_hold_secrets_is_kept_nowhere(kept: Path) -> None:
    assert hcl.parse('database_password = "canary"')
    assert not kept.exists()
