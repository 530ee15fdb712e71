"""A file's kind by its first bytes: phones', browsers' and cameras' files, real where made here."""

from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liveproof import facts
from liveproof.files import formats, iso_media
from liveproof.files.formats import HEAD_BYTES, detect_format
from tests.support.films import film, sound
from tests.support.pictures import box, ftyp, picture

MP4 = film("mp4", "libx264")
MOV = film("mov", "libx264")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (MP4, "mp4"),
        (film("mp4", "mpeg4"), "mp4"),
        (film("mp4", "libx264", movflags="frag_keyframe+empty_moov+default_base_moof"), "mp4"),
        (film("mp4", "libx264", brand="iso5", movflags="frag_keyframe+empty_moov"), "mp4"),
        (film("ipod", "libx264"), "mp4"),
        (MOV, "quicktime"),
        (film("mov", "mpeg4"), "quicktime"),
        (film("3gp", "h263"), "3gp"),
        (film("3gp", "libx264"), "3gp"),
        (film("3g2", "libx264"), "3gp"),
        (film("ismv", "libx264"), "iso_media"),
        (sound("ipod"), "iso_media"),
        (film("avi", "mpeg4"), "avi"),
        (film("flv", "flv"), "flv"),
        (film("asf", "msmpeg4v2"), "asf"),
        (film("rm", "rv10"), "realmedia"),
        (film("webm", "libvpx"), "webm"),
        (film("matroska", "libx264"), "matroska"),
        (film("mpegts", "libx264"), "opaque"),
        (picture("jpeg", 8, 8), "jpeg"),
        (picture("png", 8, 8), "png"),
        (picture("gif", 8, 8), "gif"),
        (picture("bmp", 8, 8), "bmp"),
        (picture("tiff", 8, 8), "tiff"),
        (picture("webp", 8, 8), "webp"),
        (picture("avif", 8, 8), "heif"),
        (b"%PDF-1.7\n", "pdf"),
        (b"PK\x03\x04\x14\0", "zip"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"plain words", "opaque"),
        (b"", "empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)  # fmt: skip
def test_a_files_kind_is_what_its_bytes_say(body: bytes, kind: str) -> None:
    assert detect_format(body[:HEAD_BYTES]) == kind


@pytest.mark.parametrize(
    ("who", "head"),
    [
        ("Android's MediaRecorder", ftyp(b"mp42", b"isom", b"mp42")),
        ("Android 2 and 3", ftyp(b"isom", b"isom", b"3gp4")),
        ("AVAssetExportSession", ftyp(b"mp42", b"mp41", b"mp42", b"isom")),
        ("iTunes", ftyp(b"M4V ", b"M4V ", b"M4A ", b"mp42", b"isom")),
        ("Safari's MediaRecorder", ftyp(b"iso5", b"isom", b"iso5", b"hlsf")),
        ("Chrome's MediaRecorder", ftyp(b"isom", b"isom", b"iso6", b"avc1", b"mp41")),
        ("GoPro", ftyp(b"mp41", b"mp41")),
        ("DJI", ftyp(b"avc1", b"avc1", b"isom")),
        ("Sony's phones", ftyp(b"MSNV", b"MSNV", b"mp42", b"isom")),
        ("Sony's cameras", ftyp(b"XAVC", b"XAVC", b"mp42", b"iso2")),
        ("Canon", ftyp(b"mp42", b"mp42", b"avc1", b"CAEP")),
        ("DASH", ftyp(b"dash", b"iso6", b"mp41")),
        ("CMAF", ftyp(b"cmfc", b"iso6", b"cmfc")),
        ("3GPP that is MP4 as well", ftyp(b"3gp5", b"3gp5", b"mp42")),
        ("no compatible brand", ftyp(b"mp42")),
        ("a 64-bit size", box(b"ftyp", struct.pack(">Q", 32) + b"isom" + bytes(8) + b"mp41", 1)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_mp4_films_of_phones_browsers_and_cameras_are_mp4(who: str, head: bytes) -> None:
    assert detect_format(head + box(b"free") + box(b"mdat", bytes(64))) == "mp4", who


def test_an_mp4_with_quicktimes_brand_written_over_its_own_is_no_mp4() -> None:
    assert detect_format(MP4[:HEAD_BYTES]) == "mp4"
    assert detect_format(MP4[:8] + b"qt  " + MP4[12:HEAD_BYTES]) == "quicktime"


@pytest.mark.parametrize(
    "brand", [b"mif1", b"msf1", b"heic", b"heix", b"hevc", b"avci", b"avif", b"avis", b"jpeg"]
)
def test_a_still_of_the_heif_family_is_no_film_whatever_else_it_can_be_read_as(
    brand: bytes,
) -> None:
    rest = box(b"meta", bytes(64))

    assert detect_format(ftyp(brand, b"mif1", brand) + rest) == "heif"
    assert detect_format(ftyp(brand, b"isom", b"mp41", b"mp42") + rest) == "heif"
    assert detect_format(ftyp(b"mp42", b"isom", brand) + rest) == "heif"
    assert detect_format(ftyp(b"mp42", b"isom", b"mp41") + rest) == "mp4"


@pytest.mark.parametrize(
    "head",
    [
        ftyp(b"crx ", b"crx ", b"isom"),
        ftyp(b"M4A ", b"M4A ", b"mp42", b"isom"),
        ftyp(b"zzzz", b"isom", b"iso2", b"avc1"),
        ftyp(b"ISOM", b"ISOM"),
        ftyp(b"\0\0\0\0", b"\0\0\0\0"),
    ],
    ids=["raw picture", "sound", "unknown brand", "capitals", "no brand"],
)
def test_a_brand_that_is_not_known_as_a_films_fails_closed(head: bytes) -> None:
    assert detect_format(head + box(b"mdat", bytes(64))) == "iso_media"


@pytest.mark.parametrize("size", [0, 2, 7, 8, 12, 15, 200, 2**31, 2**32 - 1])
def test_brands_whose_box_lies_about_its_size_are_not_believed(size: int) -> None:
    body = b"isom" + bytes(4) + b"isommp41"

    assert detect_format(box(b"ftyp", body, size) + box(b"mdat", bytes(64))) == "iso_media"
    assert detect_format(box(b"ftyp", body) + box(b"mdat", bytes(64))) == "mp4"


@pytest.mark.parametrize("size", [0, 8, 23, 2**40, 2**64 - 1])
def test_a_64_bit_size_may_lie_as_well(size: int) -> None:
    head = box(b"ftyp", struct.pack(">Q", size) + b"isom" + bytes(4), 1)

    assert detect_format(head + box(b"mdat", bytes(64))) == "iso_media"


def test_brands_beyond_the_head_of_the_file_are_not_guessed() -> None:
    fits = (HEAD_BYTES - 16) // 4
    many = ftyp(b"isom", *[b"isom"] * fits) + box(b"mdat", bytes(64))
    more = ftyp(b"isom", *[b"isom"] * (fits + 1)) + box(b"mdat", bytes(64))

    assert detect_format(many[:HEAD_BYTES]) == "mp4"
    assert detect_format(more[:HEAD_BYTES]) == "iso_media"


@pytest.mark.parametrize("name", [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"])
def test_quicktime_from_before_brands_is_quicktime(name: bytes) -> None:
    assert detect_format(box(name, bytes(64))) == "quicktime"
    assert detect_format(box(name, struct.pack(">Q", 80) + bytes(64), 1)) == "quicktime"
    for size in (2, 7):
        assert detect_format(box(name, bytes(64), size)) == "opaque"
    assert detect_format(box(name, struct.pack(">Q", 15) + bytes(64), 1)) == "opaque"


@pytest.mark.parametrize(
    "head",
    [
        b"\0\0\0\0\0\0\0\0AVI LIST",
        b"\0\0\0\0\0\0\0\0WEBPVP8 ",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"RIFX\0\0\0\0AVI LIST",
        b"FLV\x02\x01\0\0\0\x09",
        b"GIF88a\0\0",
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(16),
    ],
    ids=["AVI without RIFF", "WebP without RIFF", "sound", "RIFX", "FLV 2", "GIF88", "half ASF"],
)
def test_half_a_signature_is_none(head: bytes) -> None:
    assert detect_format(head) == "opaque"


@given(st.binary(max_size=80))
@example(b"\0\0\0\x01ftyp")
@example(b"\0\0\0\x10ftyp")
@example(b"\0\0\0\x01mdat")
def test_no_bytes_are_an_error(head: bytes) -> None:
    for start in (b"", b"\0\0\0\x18ftyp", b"RIFF\0\0\0\0", b"\x1aE\xdf\xa3"):
        assert detect_format(start + head)


def test_every_format_that_an_input_accepts_is_one_that_is_detected() -> None:
    kinds = {name for name, _, _ in formats._MAGIC} | set(formats._RIFF_FORMS.values())
    kinds |= {"opaque"}
    kinds |= {str(iso_media.detect_kind(ftyp(brand))) for brand in (b"mp42", b"qt  ")}
    taken = {
        kind
        for check in facts.checks().values()
        for input in check.inputs.values()
        for kind in input.formats
    }

    assert taken <= kinds


def test_only_the_sdks_packet_may_be_of_an_unknown_format() -> None:
    taking = [
        (name, input_name)
        for name, check in facts.checks().items()
        for input_name, input in check.inputs.items()
        if "opaque" in input.formats
    ]

    assert taking == [("reflect", "live_data")]
