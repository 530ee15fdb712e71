"""The demo's files are what they say they are."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
from itertools import pairwise
from pathlib import Path

import av
import pytest
from PIL import Image

from liveproof.files.formats import HEAD_BYTES, detect_format
from liveproof_emulator.media import videos
from tools.demo import frames, samples
from tools.demo.samples import Sample


def test_the_photo_is_a_jpeg_that_decodes_even_with_the_line_appended() -> None:
    sample = samples.photo("spoof", random.Random(1))
    picture = Image.open(io.BytesIO(sample.data))
    picture.load()
    assert (picture.format, picture.size, sample.content_type) == ("JPEG", (480, 640), "image/jpeg")


def test_the_packet_is_gzip_of_what_cannot_be_compressed() -> None:
    sample = samples.packet(None, random.Random(1), size=5000)
    assert len(gzip.decompress(sample.data)) == 5000
    assert len(sample.data) > 5000
    assert sample.content_type == "application/gzip"


def test_the_film_is_an_mp4_of_a_moving_face_even_with_the_line_appended() -> None:
    sample = samples.video("spoof", random.Random(1), seconds=2)
    assert (detect_format(sample.data[:HEAD_BYTES]), sample.content_type) == ("mp4", "video/mp4")
    assert frames.seconds(sample.data) == pytest.approx(2, abs=0.01)
    assert len(sample.data) < 100_000
    with av.open(io.BytesIO(sample.data)) as film:
        pictures = [bytes(frame.planes[0]) for frame in film.decode(video=0)]
    assert len(pictures) == 24
    assert all(one != other for one, other in pairwise(pictures))


def test_the_emulator_takes_the_film_and_finds_its_middle() -> None:
    bounds = videos.Bounds(2, 20, 1_000_000, 100_000_000)
    (film_frames,) = videos.frames(samples.video("spoof", random.Random(1)).data, 1, bounds)
    assert film_frames.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("make", [samples.photo, samples.packet, samples.video])
def test_the_outcome_is_chosen_by_a_line_in_the_last_256_bytes(make: object) -> None:
    assert callable(make)
    plain, marked = make(None, random.Random(1)), make("spoof", random.Random(1))
    assert marked.data.endswith(b"\nliveproof-scenario: spoof\n")
    assert b"liveproof-scenario" not in plain.data


def test_no_two_files_are_equal() -> None:
    rng = random.Random(1)
    files = [samples.photo(None, rng), samples.photo(None, rng)]
    files += [samples.packet(None, rng), samples.packet(None, rng)]
    files += [samples.video(None, rng), samples.video(None, rng)]
    assert len({file.declaration()["md5"] for file in files}) == 6


def test_a_declaration_has_the_files_md5_size_and_type() -> None:
    declared = Sample(b"some bytes", "image/png").declaration()
    digest = hashlib.md5(b"some bytes", usedforsecurity=False).hexdigest()
    assert declared == {"md5": digest, "size": 10, "content_type": "image/png"}


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"\xff\xd8\xff\xe0 the rest", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n the rest", "image/png"),
        (b"\x1f\x8b\x08 the rest", "application/gzip"),
        (b"\0\0\0\x10ftypisom\0\0\0\0 the rest", "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt   the rest", "video/quicktime"),
        (b"RIFF\0\0\0\0AVI LIST", "video/x-msvideo"),
        (b"anything else at all", "application/octet-stream"),
    ],
)
def test_a_users_own_file_is_taken_unchanged_with_the_type_of_its_first_bytes(
    tmp_path: Path, data: bytes, content_type: str
) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(data)
    assert samples.of_file(path) == Sample(data, content_type)
