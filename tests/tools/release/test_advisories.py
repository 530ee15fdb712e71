"""The audit: which versions an advisory names, and what the extract cannot know."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tools.release import advisories

EXTRACT = json.loads(advisories.EXTRACT.read_text(encoding="utf-8"))


def extract_of(events: list[dict[str, str]], versions: tuple[str, ...] = ()) -> dict[str, Any]:
    advisory = {"id": "PYSEC-1", "aliases": ["CVE-1"], "events": events, "versions": versions}
    return {"packages": {"some": [advisory]}, "date": "2026-11-01", "commit": "c"}


@pytest.mark.parametrize(
    ("version", "is_affected"),
    [("0.9", False), ("1.0", True), ("1.5.3", True), ("2.0", False), ("3.0", True), ("3.2", False)],
)
def test_a_version_is_affected_from_its_introduction_to_its_fix(
    version: str, is_affected: bool
) -> None:
    events = [{"introduced": "1.0"}, {"fixed": "2.0"}, {"introduced": "3.0"}, {"fixed": "3.1"}]
    answer = advisories.audit(extract_of(events), [("some", version)], date(2026, 11, 26))
    assert bool(answer["found"]) is is_affected


@pytest.mark.parametrize(
    ("version", "is_affected"),
    [("1.26.16", True), ("1.26.17", False), ("2.0.3", True), ("2.0.6", False)],
)
def test_ranges_come_in_any_order(version: str, is_affected: bool) -> None:
    """The end of the older range, which came last, ended the newer one: an affected urllib3 passed
    the audit."""
    (events,) = [
        advisory["events"]
        for advisory in EXTRACT["packages"]["urllib3"]
        if advisory["id"] == "PYSEC-2023-192"
    ]
    assert events[0] == {"introduced": "2.0.0"}
    answer = advisories.audit(extract_of(events), [("some", version)], date(2026, 11, 26))
    assert bool(answer["found"]) is is_affected


@pytest.mark.parametrize(("version", "is_affected"), [("1.0", True), ("1.1", False)])
def test_the_last_affected_version_and_a_list_count_as_well(
    version: str, is_affected: bool
) -> None:
    last = [{"introduced": "0"}, {"last_affected": "1.0"}]
    for extract in (extract_of(last), extract_of([], ("1.0",))):
        answer = advisories.audit(extract, [("some", version)], date(2026, 11, 26))
        assert bool(answer["found"]) is is_affected


def test_the_answer_says_how_old_it_is_and_of_what_it_has_no_word() -> None:
    pins = [("some", "1"), ("other", "1")]
    answer = advisories.audit(extract_of([{"introduced": "2"}]), pins, date(2026, 11, 26))
    assert (answer["age_days"], answer["unknown"], answer["found"]) == (25, ["other"], [])


def test_the_extract_names_nothing_that_is_locked() -> None:
    answer = advisories.audit(EXTRACT, advisories.locked(), date.fromisoformat(EXTRACT["date"]))
    assert answer["found"] == []


def test_an_extract_is_read_from_a_clone(tmp_path: Path) -> None:
    folder = tmp_path / "vulns" / "some"
    folder.mkdir(parents=True)
    (folder / "PYSEC-1.yaml").write_text(
        "id: PYSEC-1\naffected:\n- package: {name: some}\n  ranges:\n"
        "  - type: GIT\n    events: [{introduced: abc}]\n"
        "  - type: ECOSYSTEM\n    events: [{introduced: '0'}, {fixed: '1.10'}]\n"
        "  versions: ['1.9']\n"
    )
    (folder / "PYSEC-2.yaml").write_text("id: PYSEC-2\nwithdrawn: 2026-01-01\naffected: []\n")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e@x.y"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "c"]):
        subprocess.run([*git, *arguments], check=True)
    extract = advisories.extract(tmp_path, ["some", "other"])
    assert len(extract["commit"]) == 40
    assert extract["packages"] == {
        "some": [
            {
                "id": "PYSEC-1",
                "aliases": [],
                "events": [{"introduced": "0"}, {"fixed": "1.10"}],
                "versions": [],
            }
        ]
    }
