"""Telling whether a picture is a frame of a film."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from liveproof_emulator import testing
from liveproof_emulator.media import videos
from tools.demo import frames, samples
from tools.processes import ToolError

BOUNDS = videos.Bounds(1, 20, 1_000_000, 100_000_000)


@pytest.fixture(scope="module")
def film() -> bytes:
    return samples.video(None, random.Random(1)).data


def test_a_best_frame_is_found_in_its_film_though_both_are_compressed(film: bytes) -> None:
    for number, best in enumerate(videos.frames(film, 3, BOUNDS)):
        match = frames.nearest(film, best)
        assert match.is_frame
        assert match.count == 36
        assert abs(match.number - (12 * number + 7)) <= 1


def test_a_frame_of_another_film_is_not_taken_for_one_of_this(film: bytes) -> None:
    for seed in range(2, 6):
        (other,) = videos.frames(samples.video(None, random.Random(seed)).data, 1, BOUNDS)
        assert not frames.nearest(film, other).is_frame


def test_a_photo_of_the_same_face_is_no_frame(film: bytes) -> None:
    assert not frames.nearest(film, samples.photo(None, random.Random(1)).data).is_frame


def test_a_grey_picture_is_no_frame(film: bytes) -> None:
    written = io.BytesIO()
    Image.new("RGB", (288, 384), (128, 128, 128)).save(written, "JPEG")
    assert not frames.nearest(film, written.getvalue()).is_frame


def test_a_picture_of_another_shape_and_a_broken_one_are_distinguished(film: bytes) -> None:
    written = io.BytesIO()
    Image.new("RGB", (384, 288)).save(written, "JPEG")
    with pytest.raises(ToolError, match="no frame has the picture's shape"):
        frames.nearest(film, written.getvalue())
    with pytest.raises(ToolError, match="the picture cannot be decoded"):
        frames.nearest(film, b"no picture")
    with pytest.raises(ToolError, match="the film cannot be decoded"):
        frames.nearest(b"no film", testing.photo())


def test_the_length_of_a_film_is_that_of_its_pictures(film: bytes) -> None:
    assert frames.seconds(film) == pytest.approx(3, abs=0.01)
    with pytest.raises(ToolError, match="the film cannot be read"):
        frames.seconds(b"no film")
