"""The user's files in the demo: each check that accepts them gets them, the rest is reported."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from tools.demo import samples, scenarios
from tools.demo.samples import Sample
from tools.demo.user_files import UserFiles, rejection_reason
from tools.processes import UsageError


def jpeg(width: int, height: int, size: int = 0) -> Sample:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(written, "JPEG")
    return Sample(written.getvalue().ljust(size, b"\0"), "image/jpeg")


def mov(seconds: int = 3) -> bytes:
    written = io.BytesIO()
    frames: Any = av.VideoFrame
    with av.open(written, "w", format="mov") as opened:
        stream = opened.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(seconds * 10):
            frame = frames.from_image(Image.new("RGB", (64, 48), "teal"))
            opened.mux(stream.encode(frame))
        opened.mux(stream.encode(None))
    return written.getvalue()


@pytest.fixture(scope="module")
def film() -> Sample:
    return samples.video(None, random.Random(3))


def test_own_files_are_in_the_pass_scenario_of_every_check_that_takes_them_and_in_no_other(
    tmp_path: Path, film: Sample
) -> None:
    paths = {name: tmp_path / name for name in ("IMAGE", "VIDEO", "LIVE_DATA")}
    paths["IMAGE"].write_bytes(jpeg(600, 800).data)
    paths["VIDEO"].write_bytes(film.data)
    paths["LIVE_DATA"].write_bytes(b"my packet")
    own = UserFiles.of({name: str(path) for name, path in paths.items()})
    mine = {name.lower(): path.read_bytes() for name, path in paths.items()}
    for scenario in scenarios.all_scenarios(random.Random(1), own):
        for name, sample in scenario.files.items():
            assert (sample.data == mine[name]) is scenario.name.endswith("-pass"), scenario.name
    assert own.notes() == [
        "IMAGE= goes to: reflect, video, photo, silent",
        "VIDEO= goes to: video, silent",
        "LIVE_DATA= goes to: reflect",
    ]


def test_without_own_files_there_is_nothing_to_say_and_samples_are_used() -> None:
    own = UserFiles.of({"IMAGE": "", "HOME": "/"})
    assert own == UserFiles()
    assert own.notes() == []


def test_a_file_that_is_not_there_is_an_error_and_not_a_sample(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.mp4", tmp_path):
        with pytest.raises(UsageError, match=f"VIDEO={path}: (No such file|Is a directory)"):
            UserFiles.of({"VIDEO": str(path)})


def test_a_camera_photo_goes_to_the_checks_whose_limits_allow_it_and_the_others_say_why() -> None:
    own = UserFiles(image=jpeg(4032, 3024, size=3_000_000))
    assert own.notes() == [
        "IMAGE= goes to: reflect, silent",
        "IMAGE= is not for video, the sample is: it takes at most 2359296 bytes,"
        " and this has 3000000",
        "IMAGE= is not for photo, the sample is: it takes sides of 64 to 4000 pixels, not these",
    ]
    passing = {
        scenario.check: scenario
        for scenario in scenarios.all_scenarios(random.Random(1), own)
        if scenario.name.endswith("-pass")
    }
    assert own.image is not None
    used = {
        check
        for check, scenario in passing.items()
        if scenario.files["image"].data == own.image.data
    }
    assert used == {"reflect", "silent"}


def test_a_film_of_another_length_or_container_is_refused() -> None:
    short = samples.video(None, random.Random(1), seconds=1)
    assert (
        rejection_reason("video", "video", short) == "it takes 2 to 20 seconds, and this lasts 1.0"
    )
    assert str(rejection_reason("silent", "video", short)).startswith("it takes 2 to ")
    moved = Sample(b"\0\0\0\x14ftypqt  and so on", "video/mp4")
    assert (
        rejection_reason("video", "video", moved) == "it takes mp4, avi, flv, and this is quicktime"
    )
    moved = Sample(moved.data, "video/quicktime")
    assert str(rejection_reason("silent", "video", moved)).startswith("the film cannot be read")


def test_a_phones_mov_goes_to_silent_and_video_says_why_not(tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.MOV"
    path.write_bytes(mov())
    own = UserFiles.of({"VIDEO": str(path)})
    assert own.notes() == [
        "VIDEO= goes to: silent",
        "VIDEO= is not for video, the sample is: it takes mp4, avi, flv, and this is quicktime",
    ]


def test_a_photo_whose_sides_cannot_be_read_is_refused() -> None:
    broken = Sample(b"\xff\xd8\xff and nothing else", "image/jpeg")
    assert rejection_reason("photo", "image", broken) == "its width and height cannot be read"
    assert rejection_reason("video", "image", broken) is None


def test_a_film_that_cannot_be_read_is_refused() -> None:
    broken = Sample(b"\0\0\0\x18ftypisom and nothing else", "video/mp4")
    assert str(rejection_reason("video", "video", broken)).startswith("the film cannot be read")


def test_a_photo_in_the_place_of_the_packet_is_refused() -> None:
    text = rejection_reason("reflect", "live_data", jpeg(600, 800))
    assert text == "it takes gzip, opaque, and this is jpeg"
