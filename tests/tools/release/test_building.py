"""What `make release` writes beside the packages, whose bytes tests/tools/packaging compares."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from liveproof import __version__
from tools.processes import ToolError
from tools.release import building


def test_the_template_has_the_version_where_osls_puts_the_moment_of_the_build() -> None:
    moment = "serverless/liveproof/production/1795683456540-2026-11-26T08:57:36.540Z"
    assert building.normalised(f'"S3Key": "{moment}/sweep.zip"') == (
        f'"S3Key": "liveproof/production/{__version__}/sweep.zip"'
    )


def test_the_checksums_are_those_that_sha256sum_reads(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"two")
    (tmp_path / "a").write_bytes(b"one")
    assert building.checksums(tmp_path) == (
        f"{hashlib.sha256(b'one').hexdigest()}  a\n{hashlib.sha256(b'two').hexdigest()}  b\n"
    )


def test_a_tree_with_changes_is_no_release(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(building, "_git", lambda *_: " M README.md\n")
    with pytest.raises(ToolError, match="not committed"):
        building.build(tmp_path / "release")
    assert not (tmp_path / "release").exists()
