"""What is changed in an honest upload."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

from tests.attack.bucket_ground import Ground, Upload
from tests.attack.wire import exchange

Change = Callable[[Upload, Ground], None]


def header(name: str, value: str) -> Change:
    return lambda upload, _: upload.request.put(name, value)


def without(*names: str) -> Change:
    def change(upload: Upload, ground: Ground) -> None:
        for name in names:
            upload.request.drop(ground.once[0] if name == ONCE else name)

    return change


def added(name: str, value: str) -> Change:
    """One more header, whether or not there is one of that name."""
    return lambda upload, _: upload.request.headers.append((name, value))


def other_bytes(upload: Upload, ground: Ground) -> None:
    upload.request.body = upload.other


def md5_of_other(upload: Upload, ground: Ground) -> None:
    upload.request.put("Content-MD5", _md5(upload.other))


def other_md5_first(upload: Upload, ground: Ground) -> None:
    upload.request.headers.insert(1, ("Content-MD5", _md5(upload.other)))


def other_md5_last(upload: Upload, ground: Ground) -> None:
    upload.request.headers.append(("Content-MD5", _md5(upload.other)))


def overwrite(value: str, *, again: bool = False, first: bool = False) -> Change:
    def change(upload: Upload, ground: Ground) -> None:
        if first:
            upload.request.headers.insert(1, (ground.once[0], value))
        elif again:
            upload.request.headers.append((ground.once[0], value))
        else:
            upload.request.put(ground.once[0], value)

    return change


def length(change_by: int, *, declared: bool = False) -> Change:
    """A body that is longer or shorter; its Content-Length says so unless `declared`."""

    def change(upload: Upload, ground: Ground) -> None:
        body = upload.declared + b"x" * change_by if change_by > 0 else upload.declared[:change_by]
        upload.request.body = body
        upload.request.cut = declared and change_by < 0
        if not declared:
            upload.request.put("Content-Length", str(len(body)))

    return change


def two_lengths(upload: Upload, ground: Ground) -> None:
    upload.request.headers.append(("Content-Length", "5"))


def no_body(upload: Upload, ground: Ground) -> None:
    upload.request.body = b""


def chunked(upload: Upload, ground: Ground) -> None:
    body = upload.request.body
    upload.request.body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    upload.request.headers.append(("Transfer-Encoding", "chunked"))


def spelled(write: Callable[[str], str]) -> Change:
    def change(upload: Upload, ground: Ground) -> None:
        upload.request.headers = [(write(name), value) for name, value in upload.request.headers]

    return change


def spaced(upload: Upload, ground: Ground) -> None:
    upload.request.headers = [
        (name, value if name == "Host" else f"  {value!s}  ")
        for name, value in upload.request.headers
    ]


def method(name: str) -> Change:
    def change(upload: Upload, ground: Ground) -> None:
        upload.request.method = name
        if name != "POST":
            no_body(upload, ground)
            upload.request.put("Content-Length", "0")

    return change


def uploaded_before(upload: Upload, ground: Ground) -> None:
    assert exchange(upload.request).status == 200


def query(text: str, *, first: bool = False) -> Change:
    def change(upload: Upload, ground: Ground) -> None:
        path, _, rest = upload.request.target.partition("?")
        upload.request.target = f"{path}?{text}&{rest}" if first else f"{path}?{rest}&{text}"

    return change


def no_query(upload: Upload, ground: Ground) -> None:
    upload.request.target = upload.request.target.partition("?")[0]


def parameter(
    names: dict[str, str], write: Callable[[str], str | None], *, twice: str = ""
) -> Change:
    """Writes a parameter of the query anew, None leaves it out; named per cloud."""

    def change(upload: Upload, ground: Ground) -> None:
        path, _, rest = upload.request.target.partition("?")
        name = names[ground.cloud.name]
        parts = []
        is_there = False
        for part in rest.split("&"):
            key, _, value = part.partition("=")
            if key != name:
                parts.append(part)
                continue
            is_there = True
            new = write(value)
            if twice:
                parts.append(f"{name}={twice}")
            if new is not None:
                parts.append(f"{name}={new}")
        assert is_there, name
        upload.request.target = f"{path}?{'&'.join(parts)}"

    return change


def key(write: Callable[[str], str]) -> Change:
    """Another key, in the form that it has in the URL."""

    def change(upload: Upload, ground: Ground) -> None:
        path, _, rest = upload.request.target.partition("?")
        start = path.index("uploads/")
        upload.request.target = f"{path[:start]}{write(path[start:])}?{rest}"

    return change


def other_bucket(upload: Upload, ground: Ground) -> None:
    start = upload.request.target.index("uploads/")
    before = upload.request.target[: start - 1]
    bucket = before.rsplit("/", 1)[1]
    changed = before.replace(bucket, "other" + bucket)
    upload.request.target = changed + upload.request.target[start - 1 :]


def bucket_itself(upload: Upload, ground: Ground) -> None:
    path, _, rest = upload.request.target.partition("?")
    upload.request.target = f"{path[: path.index('uploads/')]}?{rest}"
    upload.request.method = "GET"
    no_body(upload, ground)
    upload.request.put("Content-Length", "0")


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def flipped(signature: str) -> str:
    return ("0" if signature[0] != "0" else "1") + signature[1:]


ONCE = "(once)"
SIGNATURE = {"aws": "X-Amz-Signature", "tencent": "q-signature"}
TOKEN = {"aws": "X-Amz-Security-Token", "tencent": "x-cos-security-token"}
LISTED = {"aws": "X-Amz-SignedHeaders", "tencent": "q-header-list"}
ALGORITHM = {"aws": "X-Amz-Algorithm", "tencent": "q-sign-algorithm"}
SCOPE = {"aws": "X-Amz-Credential", "tencent": "q-ak"}
