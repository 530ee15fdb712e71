"""Bodies that a hostile client sends to POST /v1/verifications and /v1/reflect-sequences."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Any

MD5 = "0" * 31 + "1"


def image(**changes: Any) -> dict[str, Any]:
    """A declared photo."""
    return {"md5": MD5, "size": 1000, "content_type": "image/jpeg", **changes}


def body(**changes: Any) -> bytes:
    """A good body of `photo`, but for the changes; Ellipsis leaves a field out."""
    good: dict[str, Any] = {"check": "photo", "inputs": {"image": image()}}
    made = {name: value for name, value in {**good, **changes}.items() if value is not ...}
    return json.dumps(made).encode()


def with_text(field: str, text: str) -> bytes:
    """A good body with a field whose value is this very JSON text."""
    return b"%s, %s: %s}" % (body()[:-1], json.dumps(field).encode(), text.encode())


@dataclass(frozen=True)
class Sent:
    """A body and what must be answered: statuses, and the problem's code where one is set."""

    name: str
    body: bytes
    statuses: tuple[int, ...] = (400,)
    code: str = "invalid_request"
    says: str = ""


def thresholds() -> list[Sent]:
    refused = ("NaN", "Infinity", "-Infinity", "1e999", "-1", "100.0001", '"70"', "true")
    taken = ("0", "100", "-0", "1e-400", "null")
    return [
        *(Sent(f"threshold {text}", with_text("threshold", text)) for text in refused),
        *(
            Sent(f"threshold {text}", with_text("threshold", text), (201, 400), "")
            for text in taken
        ),
    ]


def lifetimes() -> list[Sent]:
    refused = ("29", "0", "-1", "86401", "1" + "0" * 30, "1.5", "30.0", '"900"', "true", "1e3")
    return [
        *(Sent(f"expires_in {text}", with_text("expires_in", text)) for text in refused),
        Sent("expires_in null", with_text("expires_in", "null")),
        Sent("expires_in 86400", with_text("expires_in", "86400"), (201,), ""),
    ]


def declarations() -> list[Sent]:
    sizes: list[object] = [0, -1, 10**34, 1.5, "100", 5 * 1024 * 1024 + 1, True, None]
    digests = {
        "31 digits": ("0" * 31, "32"),
        "33 digits": ("0" * 33, "32"),
        "32 letters g": ("g" * 32, "32"),
        "32 digits and a newline": ("0" * 32 + "\n", "32"),
        "31 digits and a newline": ("0" * 31 + "\n", "32"),
        "32 arabic digits": ("٣" * 32, "32"),
        "in base64": ("AAAAAAAAAAAAAAAAAAAAAQ==", "hex"),
    }
    types = {
        "with CRLF": "image/jpeg\r\nX-Evil: 1",
        "text/html": "text/html",
        "with a space": "image/jpeg ",
        "in upper case": "IMAGE/JPEG",
        "with NUL": "image/jpeg\x00",
        "of 200 letters": "x" * 200,
    }
    return [
        *(Sent(f"size {size}", body(inputs={"image": image(size=size)})) for size in sizes),
        *(
            Sent(f"md5 {name}", body(inputs={"image": image(md5=text)}), says=says)
            for name, (text, says) in digests.items()
        ),
        *(
            Sent(f"content_type {name}", body(inputs={"image": image(content_type=text)}))
            for name, text in types.items()
        ),
        Sent("input ../evidence", body(inputs={"../evidence": image()})),
        Sent("no inputs", body(inputs={})),
        Sent("500 inputs", body(inputs={f"i{number}": image() for number in range(500)})),
    ]


def shapes() -> list[Sent]:
    deep = "[" * 30_000 + "]" * 30_000
    nested = '{"a":' * 9_000 + "1" + "}" * 9_000
    return [
        Sent("empty", b""),
        Sent("not JSON", b"{"),
        Sent("an array", b"[]"),
        Sent("null", b"null"),
        Sent("a number", b"1"),
        Sent("bytes behind the end", body() + b"x"),
        Sent("64 kB and 3 bytes", body(reference="x" * 65_536)[: 65_536 + 3], (413,),
             "request_too_large"),
        Sent("1 MB", body(reference="x" * 1_000_000), (413,), "request_too_large"),
        Sent("5 MB", body(reference="x" * 5_000_000), (413,), "request_too_large"),
        Sent("30 000 arrays deep", deep.encode()),
        Sent("9 000 objects deep", nested.encode()),
        Sent("30 000 arrays deep in metadata", with_text("metadata", deep)),
        Sent("30 000 arrays deep in an unknown field", with_text("zz", deep)),
        Sent("check twice", with_text("check", '"video"')),
        Sent("NaN beside good fields", with_text("x", "NaN")),
        Sent("in UTF-16", body().decode().encode("utf-16")),
        Sent("with a byte order mark", b"\xef\xbb\xbf" + body(), (400, 201), ""),
        Sent("bytes that are no UTF-8", body()[:-1] + b', "reference": "\xff"}', (400, 201), ""),
        Sent("a lone surrogate in reference", with_text("reference", r'"\ud800"'), (400, 201), ""),
        Sent("gzip", gzip.compress(body())),
    ]  # fmt: skip


def fields() -> list[Sent]:
    return [
        Sent("check ../../x", body(check="../../x")),
        Sent("check and a newline", body(check="photo\n")),
        Sent("check __class__", body(check="__class__")),
        Sent("no check", body(check=...)),
        Sent("field id", body(id="ver_1"), says="id"),
        Sent("field client", body(client="second"), says="client"),
        Sent("field status", body(status="decided"), says="status"),
        Sent("field __proto__", body(__proto__={})),
        Sent("metadata with an object", body(metadata={"a": {}})),
        Sent("metadata of more than 2048 bytes", body(metadata={"a": "x" * 2049}), says="2048"),
        Sent("metadata of 4 000 keys", body(metadata={str(n): "" for n in range(4000)})),
        Sent("64 kB whose last value is wrong", body(
            inputs={f"i{n}": image() for n in range(300)},
            metadata={str(n): "x" if n else 1 for n in reversed(range(2000))},
        )),
        Sent("reference of 201 letters", body(reference="x" * 201)),
        Sent("a challenge that photo does not take", body(challenge={"type": "silent"})),
        Sent("challenge with a newline", body(challenge={"type": "lip", "data": "1234\n"})),
    ]  # fmt: skip


VERIFICATIONS = (*shapes(), *fields(), *declarations(), *thresholds(), *lifetimes())

SEQUENCES = (
    Sent("device_data of 60 001 letters", json.dumps({"device_data": "x" * 60_001}).encode()),
    Sent("device_data empty", b'{"device_data": ""}'),
    Sent("security_level 5", b'{"device_data": "{}", "security_level": 5}'),
    Sent("security_level 0", b'{"device_data": "{}", "security_level": 0}'),
    Sent("security_level true", b'{"device_data": "{}", "security_level": true}'),
    Sent("device_data that the vendor refuses", b'{"device_data": "x"}', (201, 400, 502), ""),
    Sent("a lone surrogate in device_data", rb'{"device_data": "\ud800"}', (400, 502), ""),
    Sent("an unknown field", b'{"device_data": "{}", "x": 1}'),
)
