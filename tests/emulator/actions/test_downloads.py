"""Fetching a caller's files from anywhere."""

import gzip
import hashlib
import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from liveproof_emulator import testing

ACTION = "DetectReflectLivenessAndCompare"


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


class Bucket(http.server.BaseHTTPRequestHandler):
    """Somebody else's bucket: serves the files it is given, or goes somewhere else."""

    files: dict[str, bytes]

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.files.get(path)
        if query == "redirect":
            self.send_response(302)
            self.send_header("Location", path)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200 if body is not None else 403)
        self.send_header("Content-Length", str(len(body or b"")))
        if path.endswith(".gz"):
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def bucket() -> Iterator[str]:
    Bucket.files = {
        "/live%2Fd%61ta": testing.live_data(),
        "/photo": testing.photo(),
        "/photo.gz": gzip.compress(testing.photo()),
        "/broken.gz": testing.photo(),
    }
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("suffix", "code"),
    [
        ("/photo", "Success"),
        ("/photo?redirect", "FailedOperation.DownLoadError"),
        ("/absent", "FailedOperation.DownLoadError"),
        ("/photo\r\nX-Injected: 1", "FailedOperation.DownLoadError"),
    ],
)
def test_files_are_fetched_from_any_bucket_by_the_url_as_given(
    caller: Any, bucket: str, suffix: str, code: str
) -> None:
    files = {
        "LiveDataUrl": f"{bucket}/live%2Fd%61ta",
        "LiveDataMd5": md5(testing.live_data()),
        "ImageUrl": bucket + suffix,
        "ImageMd5": md5(testing.photo()),
    }
    assert caller.response(ACTION, files)["Result"] == code


@pytest.mark.parametrize(
    ("suffix", "code"),
    [("/photo.gz", "Success"), ("/photo", "Success"), ("/broken.gz", None)],
)
def test_a_file_that_was_sent_with_a_content_encoding_is_decoded_as_by_any_client(
    caller: Any, bucket: str, suffix: str, code: str | None
) -> None:
    files = {
        "LiveDataUrl": f"{bucket}/live%2Fd%61ta",
        "LiveDataMd5": md5(testing.live_data()),
        "ImageUrl": bucket + suffix,
        "ImageMd5": md5(testing.photo()),
    }
    answer = caller.response(ACTION, files)
    if code is None:
        assert answer["Result"] == "FailedOperation.DownLoadError"
    else:
        assert answer["Result"] == code
        # Its bytes as stored are another file than the one that is fetched.
        stored = {**files, "ImageMd5": md5(Bucket.files[suffix])}
        is_encoded = suffix.endswith(".gz")
        assert (caller.response(ACTION, stored).get("Result") == "Success") is not is_encoded


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://127.0.0.1:1/x", "nonsense", "http://"]
)
def test_a_url_that_cannot_be_fetched_is_a_business_failure(caller: Any, url: str) -> None:
    files = {"LiveDataUrl": url, "LiveDataMd5": "0" * 32, "ImageUrl": url, "ImageMd5": "0" * 32}
    assert caller.response(ACTION, files)["Result"] == "FailedOperation.DownLoadError"


def test_a_file_that_comes_too_slowly_times_out(caller: Any, vendor: testing.Running) -> None:
    files = caller.parameters(testing.live_data(), testing.photo())
    vendor.fault("GetObject", "hang", times=2)
    response = caller.response(ACTION, files)
    assert response["Result"] == "FailedOperation.DownLoadTimeoutError"
