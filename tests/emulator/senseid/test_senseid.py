"""SenseID's private cloud: encryption, endpoints, fields, files."""

import base64
import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image

from liveproof_emulator import testing
from liveproof_emulator.senseid.catalogue import ENDPOINTS
from liveproof_emulator.senseid.cipher import Cipher, published

SILENT = "/identity/silent_image_verification/stateless"
DETECTION = "/liveness/silent_detection/stateless"
COMPARE = "/identity/image_verification/stateless"
MULTIFACE = "/identity/multiface_image_omni_verification/stateless"
LIVENESS_FILE = "/identity/liveness_image_verification/stateless"
QUALITY = "/quality/face/stateless"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Client:
    """Posts forms as the product's samples do."""

    def __init__(self, vendor: testing.Running, web: Any) -> None:
        self.vendor = vendor
        self.web = web
        self.cipher = vendor.cipher

    def post(self, path: str, fields: dict[str, str], **changes: Any) -> Any:
        body = changes.get("body", urlencode(fields).encode())
        headers = changes.get("headers", FORM)
        return self.web("POST", self.vendor.senseid_url + path, body, headers)

    def files(self, path: str, video: bytes | None = None, photo: bytes | None = None) -> Any:
        """A form with good files, or these."""
        endpoint = ENDPOINTS[path]
        image = self.cipher.encrypt(testing.photo() if photo is None else photo)
        fields = dict.fromkeys(endpoint.images, image)
        if endpoint.video:
            fields[endpoint.video] = self.cipher.encrypt(
                testing.video() if video is None else video
            )
        return fields

    def multipart(self, **parts: bytes) -> Any:
        boundary = "b0undary"
        body = b""
        for name, value in parts.items():
            file = '; filename="x"' if name == "liveness_file" else ""
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
            body += head.encode() + value + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self.post(LIVENESS_FILE, {}, body=body, headers=headers)


@pytest.fixture
def client(vendor: testing.Running, web: Any) -> Client:
    return Client(vendor, web)


def test_the_cipher_makes_the_published_key_s_check_vector() -> None:
    assert published().encrypt(b"hello") == "7EWZ/NONkYfOjH/m+K3KKsDO4CZ/"
    assert published().decrypt("7EWZ/NONkYfOjH/m+K3KKsDO4CZ/") == b"hello"


@pytest.mark.parametrize(("key", "iv"), [("short", "df25d188a061"), ("k" * 32, "i" * 11)])
def test_a_key_and_an_iv_have_one_length(key: str, iv: str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Cipher(key, iv)


@pytest.mark.parametrize("path", [path for path in ENDPOINTS if path != LIVENESS_FILE])
def test_good_files_pass_at_every_endpoint(client: Client, path: str) -> None:
    reply = client.post(path, client.files(path))
    answer = reply.json()
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert answer["code"] == 1000
    assert answer["request_id"] == client.vendor.calls(path)[-1]["request_id"]


def test_every_endpoint_answers_with_its_own_fields(client: Client) -> None:
    expected = {
        COMPARE: {"verification_score"},
        MULTIFACE: {"scores", "face_rects"},
        SILENT: {"passed", "liveness_score", "verification_score"},
        DETECTION: {"passed", "liveness_score"},
        QUALITY: {"faces"},
    }
    for path, names in expected.items():
        answer = client.post(path, client.files(path)).json()
        assert set(answer) == {"code", "request_id", *names}
    files = client.multipart(
        liveness_file=b"\x08\x01", encrypted_image=client.cipher.encrypt(testing.photo()).encode()
    )
    assert set(files.json()) == {"code", "request_id", "verification_score"}


def test_pictures_are_returned_only_if_asked_for_and_passed(client: Client) -> None:
    flags = dict.fromkeys(("return_image", "return_face_image", "return_status"), "true")
    for path in (SILENT, DETECTION):
        answer = client.post(path, {**client.files(path), **flags}).json()
        assert (answer["passed"], answer["liveness_status"]) == (True, "ok")
        assert 1.0 < answer["image_timestamp"] < 2.0
        whole = Image.open(io.BytesIO(base64.b64decode(answer["base64_image"])))
        face = Image.open(io.BytesIO(base64.b64decode(answer["base64_face_image"])))
        assert whole.format == face.format == "JPEG"
        assert (whole.size, face.size) == ((240, 320), (120, 160))
        files = client.files(path, video=testing.video("spoof"))
        answer = client.post(path, {**files, **flags}).json()
        assert (answer["passed"], answer["liveness_status"]) == (False, "hack")
        assert not {"base64_image", "base64_face_image", "image_timestamp"} & set(answer)
        assert "verification_score" not in answer


def test_one_picture_can_be_asked_for_without_the_other(client: Client) -> None:
    answer = client.post(SILENT, {**client.files(SILENT), "return_image": "true"}).json()
    assert {"base64_image", "image_timestamp"} <= set(answer)
    assert not {"base64_face_image", "liveness_status"} & set(answer)
    answer = client.post(SILENT, {**client.files(SILENT), "return_face_image": "true"}).json()
    assert "base64_face_image" in answer
    assert not {"base64_image", "image_timestamp"} & set(answer)


@pytest.mark.parametrize("seconds", [0.5, 1.9, 2.0])
def test_a_video_of_less_than_two_seconds_does_not_pass(client: Client, seconds: float) -> None:
    files = client.files(SILENT, video=testing.video(seconds=seconds))
    answer = client.post(SILENT, {**files, "return_status": "true"}).json()
    short = seconds < 2
    assert answer["passed"] is not short
    assert answer["liveness_status"] == ("short_time" if short else "ok")
    assert ("verification_score" in answer) is not short


def changed(text: str, at: int) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[at] ^= 1
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: changed(text, 0),
        lambda text: changed(text, -1),
        lambda text: changed(text, -17),
        lambda text: Cipher("k" * 32, "df25d188a061").encrypt(testing.photo()),
        lambda text: Cipher(published().key, "i" * 12).encrypt(testing.photo()),
        lambda text: base64.b64encode(testing.photo()).decode(),
        lambda text: base64.b64encode(b"tiny").decode(),
        lambda text: text[:-1],
        lambda text: text.replace("+", " "),
        lambda text: "",
    ],
    ids=["first", "tag", "last", "key", "iv", "plain", "tiny", "cut", "plus", "empty"],
)
def test_a_file_that_is_not_authentic_is_an_invalid_argument(client: Client, spoil: Any) -> None:
    fields = client.files(SILENT)
    assert "+" in fields["encrypted_image"]
    fields["encrypted_image"] = spoil(fields["encrypted_image"])
    reply = client.post(SILENT, fields)
    assert (reply.status, reply.json()["code"]) == (400, 1200)
    assert client.vendor.calls(SILENT)[-1]["executed"] is False


def test_another_key_and_iv_work_if_the_emulator_has_them(web: Any) -> None:
    cipher = Cipher("another key that has 32 letters!", "another iv!!")
    with testing.start(cipher=cipher) as vendor:
        client = Client(vendor, web)
        assert client.post(SILENT, client.files(SILENT)).json()["passed"] is True
        client.cipher = published()
        assert client.post(SILENT, client.files(SILENT)).json()["code"] == 1200


def picture(kind: str, width: int = 64, height: int = 64) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height)).save(written, kind)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "GIF", "TIFF"])
def test_every_published_photo_format_is_taken(client: Client, kind: str) -> None:
    assert client.post(QUALITY, client.files(QUALITY, photo=picture(kind))).json()["code"] == 1000


@pytest.mark.parametrize(
    ("photo", "code"),
    [
        (b"", 2004),
        (picture("PNG") + bytes(5 * 2**20), 2004),
        (b"GIF", 2005),
        (picture("WEBP"), 2005),
        (picture("JPEG")[:200], 2005),
        (picture("PNG", 7, 64), 2003),
        (picture("PNG", 8, 5000), 1000),
        (picture("PNG", 64, 5001), 2003),
    ],
    ids=["empty", "5-MB", "no-picture", "webp", "cut", "narrow", "in-bounds", "tall"],
)
def test_a_photo_outside_the_limits_has_its_code(client: Client, photo: bytes, code: int) -> None:
    reply = client.post(COMPARE, client.files(COMPARE, photo=photo))
    assert (reply.status, reply.json()["code"]) == (200 if code == 1000 else 400, code)


VIDEO = testing.video()


@pytest.mark.parametrize(
    "video",
    [
        b"",
        b"no video",
        testing.photo(),
        VIDEO[:600],
        b"#EXTM3U\nfile:///etc/x\n",
        VIDEO[:8] + b"heic" + VIDEO[12:],
    ],
)
def test_a_file_that_is_no_video_is_refused(client: Client, video: bytes) -> None:
    answer = client.post(DETECTION, client.files(DETECTION, video=video)).json()
    assert answer["code"] == (2005 if video else 2004)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_nothing_is_left_out_and_no_flag_is_anything_but_true_or_false(
    client: Client, path: str
) -> None:
    if path == LIVENESS_FILE:
        assert client.multipart(liveness_file=b"x").json()["code"] == 1200
        assert client.multipart(encrypted_image=b"x").json()["code"] == 1200
        return
    whole = client.files(path)
    for name in whole:
        fields = {other: value for other, value in whole.items() if other != name}
        reply = client.post(path, fields)
        assert (reply.status, reply.json()["code"]) == (400, 1200)
        assert name in reply.json()["message"]
    for flag in ENDPOINTS[path].flags:
        assert client.post(path, {**whole, flag: "maybe"}).json()["code"] == 1200
        assert client.post(path, {**whole, flag: "false"}).json()["code"] == 1000


def test_json_and_the_wrong_kind_of_form_are_refused(client: Client) -> None:
    body = json.dumps(client.files(SILENT)).encode()
    reply = client.post(SILENT, {}, body=body, headers={"Content-Type": "application/json"})
    assert reply.json()["code"] == 1200
    assert client.post(LIVENESS_FILE, client.files(LIVENESS_FILE)).json()["code"] == 1200
    cut = {"Content-Type": "multipart/form-data; boundary=b0undary"}
    for garbage in (b"", b"--b0undary\r\n\r\n", b"--b0undary\r\nContent-Disposition: x\r\n\r\ny"):
        reply = client.post(LIVENESS_FILE, {}, body=garbage, headers=cut)
        assert reply.json()["code"] == 1200
