"""What the tests of pages ask: which facts stand in one paragraph."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import pages


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(
        "It waits\nat most 10 seconds.\n\n* `sweep` runs each minute.\n| a | 5 |\n| b | 6 |\n"
    )
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    return "a.md"


def test_facts_of_one_paragraph_are_found_over_line_breaks(page: str) -> None:
    assert pages.states(page, "waits at most", "10 seconds")
    assert pages.states(page, "`sweep`", "minute")


@pytest.mark.parametrize(
    "words",
    [("1",), ("0 seconds",), ("10 second",), ("a", "6"), ("10", "sweep")],
)
def test_another_number_and_another_paragraphs_fact_are_not(
    page: str, words: tuple[str, ...]
) -> None:
    assert not pages.states(page, *words)
