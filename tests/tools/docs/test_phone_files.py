"""What the page says of the files of phones is what the checks do with them."""

from __future__ import annotations

import re

import pytest

from liveproof import facts
from tools.docs.phone_files import PhoneFile, data, table, verdict

FILES = (*data().photos, *data().films)
KINDS = {
    "gif", "heif", "jpeg", "mp4", "png", "quicktime", "3gp", "tiff", "webm", "webp",
}  # fmt: skip


def taken_by(file: PhoneFile) -> set[str]:
    """The checks that take a file as it is."""
    name = "image" if file.pixels else "video"
    return {
        check
        for check, check_facts in facts.checks().items()
        if name in check_facts.inputs and verdict(file, check_facts.inputs[name]).startswith("to ")
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.origin)
def test_a_phones_file_is_of_a_kind_that_liveproof_tells_apart(file: PhoneFile) -> None:
    assert file.kind in KINDS
    assert (file.pixels is None) == (file in data().films)
    assert file.advice


@pytest.mark.parametrize(
    ("kind", "checks"),
    [
        ("heif", set()),
        ("webp", set()),
        ("tiff", set()),
        ("webm", set()),
        ("3gp", set()),
        ("quicktime", {"silent"}),
        ("mp4", {"video", "silent"}),
    ],
)
def test_a_kind_is_taken_by_these_checks(kind: str, checks: set[str]) -> None:
    files = [file for file in FILES if file.kind == kind]
    assert files
    assert all(taken_by(file) == checks for file in files)


def test_twelve_megapixels_are_too_many_for_photo_alone() -> None:
    jpegs = [file for file in data().photos if file.kind == "jpeg" and file.pixels]
    twelve = [file for file in jpegs if file.pixels and file.pixels[0] in (4032, 4080)]
    assert twelve
    assert all(taken_by(file) == {"reflect", "video", "silent"} for file in twelve)
    input = facts.checks()["photo"].inputs["image"]
    assert verdict(twelve[0], input) == "no: over 4000 px"


@pytest.mark.parametrize(("which", "columns"), [("photos", 7), ("films", 5)])
def test_a_table_has_a_column_for_each_check_and_a_row_for_each_file(
    which: str, columns: int
) -> None:
    rows = table(which).splitlines()
    assert {len(re.findall(r"(?<!\\)\|", row)) - 1 for row in rows} == {columns}
    assert len(rows) == 2 + len(getattr(data(), which))


def test_another_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no table of sounds"):
        table("sounds")
