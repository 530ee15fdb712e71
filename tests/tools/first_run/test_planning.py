"""`make try`: the check that fits the files, and a clear word for a file that fits none."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tools.demo import samples
from tools.demo.user_files import UserFiles
from tools.first_run import by_hand, story
from tools.first_run.planning import Plan, plan
from tools.processes import UsageError

RNG = random.Random(1)


def planned(**environment: str) -> Plan:
    return plan(UserFiles.of(environment), environment, RNG)


@pytest.fixture
def photo(tmp_path: Path) -> str:
    file = tmp_path / "it's my photo.jpg"
    file.write_bytes(samples.photo(None, RNG).data)
    return str(file)


@pytest.fixture
def packet(tmp_path: Path) -> str:
    file = tmp_path / "packet.gz"
    file.write_bytes(samples.packet(None, RNG, 1000).data)
    return str(file)


def test_without_a_file_a_drawn_portrait_is_judged() -> None:
    made = planned()
    assert (made.check, list(made.files), made.paths) == ("photo", ["image"], {})


def test_a_file_chooses_the_check_and_goes_unchanged(photo: str, packet: str) -> None:
    assert planned(IMAGE=photo).check == "photo"
    made = planned(IMAGE=photo, LIVE_DATA=packet)
    assert made.check == "reflect"
    assert {name: sample.data for name, sample in made.files.items()} == {
        "image": Path(photo).read_bytes(), "live_data": Path(packet).read_bytes(),
    }  # fmt: skip


def test_a_check_can_be_named(photo: str) -> None:
    assert list(planned(IMAGE=photo, CHECK="reflect").files) == ["live_data", "image"]
    with pytest.raises(UsageError, match=r"CHECK=photos: there is no such check.* is it photo\?"):
        planned(CHECK="photos")


def test_a_file_that_the_check_does_not_take_is_refused_with_the_limit(
    photo: str, packet: str, tmp_path: Path
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    with pytest.raises(UsageError, match="photo: it takes jpeg, png"):
        planned(IMAGE=str(text))
    with pytest.raises(UsageError, match="LIVE_DATA= is not for the check photo"):
        planned(LIVE_DATA=packet, CHECK="photo")
    with pytest.raises(UsageError, match="No such file"):
        planned(IMAGE=str(tmp_path / "none.jpg"))


def test_the_commands_by_hand_show_problems_and_quote_names(photo: str) -> None:
    lines = by_hand.commands(story.request(planned(IMAGE=photo)), {"image": photo})
    assert lines.count("curl --silent") == lines.count("--fail-with-body") == 3
    assert "'\"'\"'s my photo.jpg'" in lines
