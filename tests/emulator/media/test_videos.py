"""Real videos: a frame of the video that went in comes out; limits; hostile files."""

import base64
import io
import json
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import av
import pytest
from PIL import Image

from liveproof_emulator import testing
from liveproof_emulator.media import videos
from tests.support.films import sound

BOUNDS = videos.Bounds(2, 20, 9_437_184, 2_500_000_000)
RED, GREEN, BLUE = (220, 30, 30), (30, 200, 30), (30, 30, 220)
Colour = tuple[int, int, int]


def encode(
    colours: list[Colour],
    *,
    kind: str = "mp4",
    codec: str = "mpeg4",
    rate: int = 10,
    size: tuple[int, int] = (160, 120),
    corner: Colour | None = None,
) -> bytes:
    """A video with one picture per colour, written by the test itself."""
    written = io.BytesIO()
    pictures: Any = av.VideoFrame
    with av.open(written, "w", format=kind) as opened:
        stream = opened.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for colour in colours:
            picture = Image.new("RGB", size, colour)
            if corner is not None:
                picture.paste(corner, (0, 0, size[0] // 2, size[1] // 2))
            opened.mux(stream.encode(pictures.from_image(picture)))
        opened.mux(stream.encode(None))
    return written.getvalue()


def thirds() -> list[Colour]:
    return [RED] * 10 + [GREEN] * 10 + [BLUE] * 10


def colour_of(frame: bytes, at: tuple[int, int] = (80, 60)) -> Colour:
    """Which of the three colours a JPEG shows at a place."""
    with Image.open(io.BytesIO(frame)) as picture:
        assert picture.format == "JPEG"
        seen = picture.convert("RGB").getpixel(at)
    assert isinstance(seen, tuple)

    def distance(colour: Colour) -> int:
        return sum(abs(int(one) - other) for one, other in zip(seen, colour, strict=True))

    nearest = min((RED, GREEN, BLUE), key=distance)
    assert distance(nearest) < 60, seen
    return nearest


CONTAINERS = [("mp4", "mpeg4"), ("mp4", "libx264"), ("avi", "mpeg4"), ("flv", "flv")]


@pytest.mark.parametrize(("kind", "codec"), CONTAINERS)
def test_the_best_frame_is_the_middle_picture_of_the_video(kind: str, codec: str) -> None:
    (frame,) = videos.frames(encode(thirds(), kind=kind, codec=codec), 1, BOUNDS)
    assert colour_of(frame) == GREEN


@pytest.mark.parametrize(("kind", "codec"), CONTAINERS)
def test_several_frames_are_spread_over_the_video(kind: str, codec: str) -> None:
    video = encode(thirds(), kind=kind, codec=codec) + b"\nliveproof-scenario: pass\n"
    frames = videos.frames(video, 6, BOUNDS)
    assert [colour_of(frame) for frame in frames] == [RED, RED, GREEN, GREEN, BLUE, BLUE]


def test_one_picture_among_many_is_found_by_its_time() -> None:
    colours = [RED] * 31
    colours[15] = BLUE
    (frame,) = videos.frames(encode(colours), 1, BOUNDS)
    assert colour_of(frame) == BLUE
    colours[14:17] = [BLUE, RED, BLUE]
    (frame,) = videos.frames(encode(colours), 1, BOUNDS)
    assert colour_of(frame) == RED


def test_a_real_mp4_goes_in_and_a_picture_of_it_comes_out_over_the_wire(caller: Any) -> None:
    video = encode([BLUE] * 20 + [RED] * 20, codec="libx264")
    sent = {
        "LivenessType": "SILENT",
        "ImageBase64": base64.b64encode(testing.photo()).decode(),
        "VideoBase64": base64.b64encode(video).decode(),
        "Optional": json.dumps({"BestFrameNum": 10}),
    }
    response = caller.response("LivenessCompare", sent)
    listed = [base64.b64decode(frame) for frame in response["BestFrameList"]]
    assert [colour_of(frame) for frame in listed] == [BLUE] * 5 + [RED] * 5
    assert response["BestFrameBase64"] in response["BestFrameList"]


def turned(video: bytes) -> bytes:
    """The same MP4, to be shown a quarter clockwise, as phones write it."""
    at = video.index(b"tkhd") + 44
    matrix = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    return video[:at] + matrix + video[at + len(matrix) :]


def test_a_recording_that_a_phone_turned_comes_out_upright() -> None:
    video = encode([GREEN] * 30, corner=RED)
    (lying,) = videos.frames(video, 1, BOUNDS)
    assert (colour_of(lying, (20, 20)), colour_of(lying, (140, 20))) == (RED, GREEN)
    (upright,) = videos.frames(turned(video), 1, BOUNDS)
    with Image.open(io.BytesIO(upright)) as picture:
        assert picture.size == (120, 160)
    assert (colour_of(upright, (20, 20)), colour_of(upright, (100, 20))) == (GREEN, RED)


MP4 = encode(thirds())
HEIC = struct.pack(">L", 24) + b"ftypheic\0\0\0\0mif1heic" + MP4[32:]
TOO_SHORT = "FailedOperation.SilentTooShort"
TOO_LONG = "FailedOperation.VideoDurationExceeded"
FORMAT = "FailedOperation.LipVideoInvalid"
UNDECODABLE = "FailedOperation.VideoDecodeFailed"


@pytest.mark.parametrize(
    ("video", "code"),
    [
        (encode([RED] * 19), TOO_SHORT),
        (encode([RED] * 20), "Success"),
        (encode([RED] * 19, kind="flv", codec="flv"), TOO_SHORT),
        (encode([RED] * 20, kind="flv", codec="flv"), "Success"),
        (encode([RED] * 200), "Success"),
        (encode([RED] * 201), TOO_LONG),
        (encode([RED]), TOO_SHORT),
        (b"no video at all", FORMAT),
        (b"\0", FORMAT),
        (testing.photo(), FORMAT),
        (encode([RED] * 30, kind="matroska"), FORMAT),
        (encode([RED] * 30, kind="mov"), FORMAT),
        (HEIC, FORMAT),
        (sound("mp4"), FORMAT),
        (MP4[: len(MP4) // 2], UNDECODABLE),
        (MP4[:32], UNDECODABLE),
        (MP4.replace(b"mp4v", b"zzzz").replace(b"esds", b"zzzz"), UNDECODABLE),
        (b"#EXTM3U\nfile:///etc/passwd\n", FORMAT),
        (b"\0\0\0\x18ftypisom" + b"#EXTM3U\nfile:///etc/passwd\n", UNDECODABLE),
    ],
    ids=[
        "1.9s", "2s", "flv-1.9s", "flv-2s", "20s", "20.1s", "one-picture", "text", "byte", "jpeg",
        "matroska", "quicktime", "heic", "sound-only", "cut", "head-only", "unknown-codec",
        "playlist", "playlist-inside",
    ],
)  # fmt: skip
def test_a_video_is_judged_by_its_bytes(
    caller: Any, vendor: testing.Running, video: bytes, code: str
) -> None:
    sent = {
        "LivenessType": "SILENT",
        "ImageBase64": base64.b64encode(testing.photo()).decode(),
        "VideoBase64": base64.b64encode(video).decode(),
    }
    assert caller.response("CompareFaceLiveness", sent)["Result"] == code
    assert vendor.calls("CompareFaceLiveness")[0]["verdict"] == code


def test_an_empty_video_at_a_url_has_its_own_code(caller: Any) -> None:
    sent = {
        "LivenessType": "SILENT",
        "ImageUrl": caller.upload(testing.photo()),
        "VideoUrl": caller.upload(b""),
    }
    assert caller.response("LivenessCompare", sent)["Result"] == "FailedOperation.LipSizeError"


@pytest.mark.parametrize(("pictures", "decodes"), [(17, True), (16, False), (0, False)])
def test_decoding_stops_at_the_cap(pictures: int, decodes: bool) -> None:
    bounds = videos.Bounds(2, 20, 9_437_184, 160 * 120 * pictures)
    if decodes:
        assert len(videos.frames(MP4, 1, bounds)) == 1
    else:
        with pytest.raises(videos.UndecodableVideoError):
            videos.frames(MP4, 1, bounds)


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
@pytest.mark.parametrize(("width", "decodes"), [(4096, True), (4112, False), (8176, False)])
def test_one_picture_has_a_cap_of_its_own(codec: str, width: int, decodes: bool) -> None:
    video = encode([RED] * 3, codec=codec, rate=1, size=(width, 2304))
    if decodes:
        assert len(videos.frames(video, 1, BOUNDS)) == 1
    else:
        with pytest.raises(videos.UndecodableVideoError):
            videos.frames(video, 1, BOUNDS)


def test_a_header_that_lies_about_the_size_is_not_believed() -> None:
    video = encode(thirds(), codec="libx264")
    at = video.index(b"avc1", video.index(b"stsd")) + 28
    assert video[at : at + 4] == struct.pack(">HH", 160, 120)
    lying = video[:at] + struct.pack(">HH", 16, 16) + video[at + 4 :]
    with pytest.raises(videos.UndecodableVideoError):
        videos.frames(lying, 1, videos.Bounds(2, 20, 160 * 60, 2_500_000_000))


def test_a_header_that_lies_about_the_duration_is_not_believed() -> None:
    at = MP4.index(b"mvhd") + 20
    lying = MP4[:at] + struct.pack(">I", 1) + MP4[at + 4 :]
    assert videos.frames(lying, 1, BOUNDS)


def test_a_video_with_fewer_pictures_than_asked_for_gives_those() -> None:
    video = encode([RED, GREEN, BLUE], rate=1)
    frames = videos.frames(video, 10, BOUNDS)
    assert [colour_of(frame) for frame in frames] == [RED, GREEN, BLUE]


def test_the_video_for_tests_is_an_mp4_of_the_length_asked_for() -> None:
    video = testing.video("spoof", seconds=4, width=64, height=48)
    assert video.endswith(b"\nliveproof-scenario: spoof\n")
    with av.open(io.BytesIO(video)) as opened:
        stream = opened.streams.video[0]
        assert (opened.format.name.split(",")[1], stream.width, stream.height) == ("mp4", 64, 48)
        assert opened.duration == 4_000_000


def test_the_package_for_videos_is_imported_by_the_first_video_only() -> None:
    code = (
        "import sys\nfrom liveproof_emulator import testing\n"
        "from liveproof_emulator.media import videos\n"
        "with testing.start() as vendor: assert 'av' not in sys.modules\n"
        "videos.frames(testing.video(), 1, videos.Bounds(2, 20, 10**6, 10**9))\n"
        "assert 'av' in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=20)


@pytest.mark.patches_the_emulator
def test_others_are_served_while_a_video_is_decoded(
    caller: Any, vendor: testing.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, finish = threading.Event(), threading.Event()
    decode = videos.frames

    def slow(*arguments: Any) -> list[bytes]:
        started.set()
        assert finish.wait(10)
        return decode(*arguments)

    monkeypatch.setattr(videos, "frames", slow)
    sent = {
        "LivenessType": "SILENT",
        "ImageBase64": base64.b64encode(testing.photo()).decode(),
        "VideoBase64": base64.b64encode(MP4).decode(),
    }
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(caller.response, "CompareFaceLiveness", sent)
        try:
            assert started.wait(10)
            assert "UploadUrl" in caller.new_urls()
        finally:
            finish.set()
        assert waiting.result(10)["Result"] == "Success"
    assert [entry["action"] for entry in vendor.calls()] == [
        "CreateUploadUrl", "CompareFaceLiveness",
    ]  # fmt: skip


@pytest.mark.patches_the_emulator
def test_without_the_package_for_videos_the_answer_says_so(
    caller: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    sent = {
        "LivenessType": "SILENT",
        "ImageBase64": base64.b64encode(testing.photo()).decode(),
        "VideoBase64": base64.b64encode(MP4).decode(),
    }
    error = caller.response("CompareFaceLiveness", sent)["Error"]
    assert error["Code"] == "InternalError"
    assert "PyAV" in error["Message"]
