"""Files of phones and browsers, uploaded: what a check's documents list passes, the rest costs
nothing, and the log says what the file was."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from liveproof import facts, observability
from liveproof.domain.verification import Decision, InputState, Verification
from liveproof.use_cases.verify_upload import object_created
from tests.support.deployment import Deployment, md5_of
from tests.support.films import film
from tests.support.pictures import (
    bmp_of_os2,
    box,
    frame_header,
    ftyp,
    jpeg_with,
    picture,
    segment,
    tiff_with_directory_at_the_end,
)


def uploaded(deployment: Deployment, check: str, files: Mapping[str, bytes]) -> Verification:
    """A verification of `check` after these files came, each with its event."""
    entry = deployment.create()
    key = entry.inputs["image"].keys[0]
    inputs = {
        name: msgspec.structs.replace(
            entry.inputs["image"],
            md5=md5_of(body),
            size=len(body),
            keys=(key.replace("/image/", f"/{name}/"),),
        )
        for name, body in files.items()
    }
    entry = deployment.records.save(msgspec.structs.replace(entry, check=check, inputs=inputs))
    for name, body in files.items():
        deployment.bucket.objects[inputs[name].keys[0]] = body
        object_created(deployment.dependencies, inputs[name].keys[0])
    return deployment.load(entry.id)


def outcome(deployment: Deployment, check: str, name: str, body: bytes) -> str | None:
    """Why the input is refused; None if its bytes are proven."""
    after = uploaded(deployment, check, {name: body})
    declared = after.inputs[name]
    if declared.state is InputState.PROVEN:
        return None
    assert declared.state is InputState.REFUSED
    assert after.verdict is not None
    assert after.verdict.decision is Decision.RESUBMIT
    assert after.verdict.reason.code == declared.reason
    return declared.reason


MP4 = film("mp4")
FRAGMENTED = film("mp4", movflags="frag_keyframe+empty_moov+default_base_moof")
MOV = film("mov")
HEIC = ftyp(b"heic", b"mif1", b"heic") + box(b"meta", bytes(200)) + box(b"mdat", bytes(200))


@pytest.mark.parametrize(
    ("body", "video", "silent"),
    [
        (MP4, None, None),
        (FRAGMENTED, None, None),
        (film("avi", "mpeg4"), None, None),
        (film("flv", "flv"), None, None),
        (MOV, "wrong_format", None),
        (MP4[:8] + b"qt  " + MP4[12:], "wrong_format", None),
        (box(b"wide") + box(b"mdat", bytes(99)), "wrong_format", None),
        (film("asf", "msmpeg4v2"), "wrong_format", None),
        (film("rm", "rv10"), "wrong_format", None),
        (film("3gp"), "wrong_format", "wrong_format"),
        (film("webm", "libvpx"), "wrong_format", "wrong_format"),
        (HEIC, "wrong_format", "wrong_format"),
        (picture("avif", 64, 64), "wrong_format", "wrong_format"),
        (picture("jpeg", 64, 64), "wrong_format", "wrong_format"),
        (ftyp(b"zzzz", b"isom") + box(b"mdat"), "wrong_format", "wrong_format"),
        (b"words in the place of a film", "wrong_format", "wrong_format"),
    ],
    ids=[
        "mp4", "fragmented mp4", "avi", "flv", "a phone's mov", "mp4 that says it is mov",
        "old quicktime", "wmv", "rm", "3gp", "webm", "heic", "avif", "jpeg", "unknown brand",
        "words",
    ],
)  # fmt: skip
def test_a_film_passes_only_in_a_container_that_the_checks_documents_list(
    deployment: Deployment, body: bytes, video: str | None, silent: str | None
) -> None:
    assert outcome(deployment, "video", "video", body) == video
    assert outcome(deployment, "silent", "video", body) == silent


@pytest.mark.parametrize("check", ["reflect", "video", "photo", "silent"])
def test_a_heic_photo_is_refused_and_a_jpeg_is_not(deployment: Deployment, check: str) -> None:
    assert outcome(deployment, check, "image", HEIC) == "wrong_format"
    assert outcome(deployment, check, "image", picture("jpeg", 300, 400)) is None


# Of a camera: profiles, depth maps and previews that put the sides behind 600 kB.
HEADER = [segment(0xE2, b"MPF\0" + bytes(60_000))] * 10


@pytest.mark.parametrize(
    ("check", "body", "expected"),
    [
        ("photo", jpeg_with(picture("jpeg", 4000, 3000), *HEADER), None),
        ("photo", jpeg_with(picture("jpeg", 4032, 3024), *HEADER), "wrong_pixels"),
        ("silent", jpeg_with(picture("jpeg", 4032, 3024), *HEADER), None),
        ("silent", jpeg_with(picture("jpeg", 5001, 3024), *HEADER), "wrong_pixels"),
        ("silent", tiff_with_directory_at_the_end(300, 400), None),
        ("silent", tiff_with_directory_at_the_end(7, 400), "wrong_pixels"),
        ("photo", bmp_of_os2(300, 400), None),
        ("photo", bmp_of_os2(63, 100), "wrong_pixels"),
        ("photo", b"\xff\xd8\xff" + bytes(5000), "photo_unreadable"),
        ("photo", b"\xff\xd8" + frame_header(0xC0, 300, 0), "photo_unreadable"),
        ("photo", b"BM and more words", "photo_unreadable"),
        ("silent", b"II*\0" + bytes(5000), "photo_unreadable"),
    ],
    ids=[
        "large header, sides fit", "large header, too long", "12 megapixels", "too long for silent",
        "tiff's directory last", "tiff's directory last, too narrow", "os/2", "os/2, too small",
        "no sides at all", "height left open", "words", "tiff without a directory",
    ],
)  # fmt: skip
def test_sides_that_do_not_fit_or_cannot_be_read_are_refused_before_money_is_spent(
    deployment: Deployment, check: str, body: bytes, expected: str | None
) -> None:
    assert outcome(deployment, check, "image", body) == expected
    deployment.settle()
    assert deployment.check.calls == 0


def test_where_no_sides_are_documented_none_are_asked_for(deployment: Deployment) -> None:
    assert outcome(deployment, "video", "image", b"\xff\xd8\xff" + bytes(50)) is None


def test_the_log_says_what_a_refused_file_was_and_nothing_of_its_bytes(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(
        observability.logger, "info", lambda message, extra: written.append((message, extra))
    )
    entry = uploaded(deployment, "video", {"video": MOV})

    refused = [extra for message, extra in written if message == "INPUT_REFUSED"]
    assert refused == [
        {
            "verification": entry.id,
            "input": "video",
            "reason": "wrong_format",
            "kind": "quicktime",
        }
    ]


def test_the_refusal_tells_people_what_phones_do_and_what_to_do() -> None:
    message = facts.reasons()["wrong_format"].message

    for word in ("MOV", "WebM", "HEIC", "MP4", "JPEG"):
        assert word in message
