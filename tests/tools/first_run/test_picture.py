"""The picture of `make try`: whole steps, no address, no place of the machine that drew it."""

from __future__ import annotations

from tools import ROOT
from tools.first_run.picture import PICTURE, picture

OUTPUT = (
    f"\x1b[1m1. Your server asks\x1b[0m\n    {ROOT}/build/image.jpg\n"
    "\n\x1b[1mBy hand: commands\x1b[0m\ncurl --config secret.curl\n\ntry: passed\n"
)


def test_a_picture_has_the_steps_and_the_last_line_without_the_commands_by_hand() -> None:
    svg = picture(OUTPUT)
    assert "make&#160;try" in svg
    assert "asks" in svg
    assert "try:&#160;passed" in svg
    assert "secret.curl" not in svg


def test_a_path_below_the_repository_is_relative() -> None:
    svg = picture(OUTPUT)
    assert "build/image.jpg" in svg
    assert str(ROOT) not in svg


def test_the_picture_of_the_readme_asks_no_host_and_names_no_place() -> None:
    svg = PICTURE.read_text(encoding="utf-8")
    assert "font-face" not in svg
    assert "/build/local" not in svg
    assert "webhook&#160;verified" in svg
