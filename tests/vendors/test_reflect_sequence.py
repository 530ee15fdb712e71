"""The steps of GenerateReflectSequence, each seen by a server that plays the vendor."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from liveproof.outbound.deadline import Deadline
from liveproof.vendors.errors import RelayFailed
from liveproof.vendors.tencent.api import TencentApi
from liveproof.vendors.tencent.reflect_sequence import ReflectSequences
from tests.support.servers import http, read_request, serving

MakeApi = Callable[..., TencentApi]
MAX_SEQUENCE_BYTES = 1024 * 1024
PLACE = "/bucket.cos.ap-singapore.myqcloud.com/"
SEQUENCE = b"a light sequence"


class Vendor:
    """Answers both actions, takes the upload and serves the sequence.

    Attributes:
        requests: first line, headers and body of each request.
        without: a field that GenerateReflectSequence leaves out.
    """

    def __init__(self, sequence: bytes = SEQUENCE, without: str | None = None) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self._sequence, self._without = sequence, without

    def serve(self, connection: socket.socket) -> None:
        head, _, body = read_request(connection).partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        self.requests.append((first, headers, body))
        if first.startswith("POST"):
            fields = self._fields(headers["x-tc-action"], f"http://{headers['host']}{PLACE}")
            answer = json.dumps({"Response": {"RequestId": "r", **fields}}).encode()
        else:
            answer = self._sequence if first.startswith("GET") else b""
        connection.sendall(http(200, answer))

    def _fields(self, action: str, place: str) -> dict[str, str]:
        if action == "CreateUploadUrl":
            return {"UploadUrl": f"{place}up", "ResourceUrl": f"{place}data"}
        md5 = hashlib.md5(self._sequence, usedforsecurity=False).hexdigest()
        fields = {"ReflectSequenceUrl": f"{place}sequence", "ReflectSequenceMd5": md5}
        return {name: value for name, value in fields.items() if name != self._without}


def generate(vendor: Vendor, make_api: MakeApi, level: int = 3) -> bytes:
    with serving(vendor.serve) as server:
        sequences = ReflectSequences(make_api(f"http://127.0.0.1:{server.port}"))
        uploaded = sequences.upload("{device}", 5)
        return sequences.generate(uploaded, level, 8)


def test_device_data_goes_up_in_base64_and_the_sequence_is_of_its_level(make_api: MakeApi) -> None:
    vendor = Vendor()
    assert generate(vendor, make_api) == SEQUENCE

    ask, upload, order, download = vendor.requests
    encoded = base64.b64encode(b"{device}")
    md5 = hashlib.md5(encoded, usedforsecurity=False)
    assert json.loads(ask[2]) == {"TargetAction": "GenerateReflectSequence"}
    assert upload[0] == f"PUT {PLACE}up HTTP/1.1"
    assert upload[1]["content-md5"] == base64.b64encode(md5.digest()).decode()
    assert upload[2] == encoded
    parameters = json.loads(order[2])
    assert parameters.pop("DeviceDataUrl").endswith(f"{PLACE}data")
    assert parameters == {"DeviceDataMd5": md5.hexdigest(), "SecurityLevel": "3"}
    assert download[0] == f"GET {PLACE}sequence HTTP/1.1"


def test_a_sequence_may_have_a_mebibyte_and_no_more(make_api: MakeApi) -> None:
    largest = bytes(MAX_SEQUENCE_BYTES)

    assert generate(Vendor(largest), make_api) == largest
    with pytest.raises(RelayFailed):
        generate(Vendor(largest + b"x"), make_api)


@pytest.mark.parametrize("field", ["ReflectSequenceUrl", "ReflectSequenceMd5"])
def test_a_sequence_without_its_url_or_md5_is_none(make_api: MakeApi, field: str) -> None:
    vendor = Vendor(without=field)
    with pytest.raises(RelayFailed, match="gave no sequence"):
        generate(vendor, make_api)

    assert not [first for first, *_ in vendor.requests if first.startswith("GET")]


def test_the_order_and_the_download_may_take_half_of_the_time_each(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed: list[Any] = []

    class Seen(Deadline):
        def __init__(self, seconds: float) -> None:
            allowed.append(seconds)
            super().__init__(seconds)

    monkeypatch.setattr("liveproof.outbound.deadline.Deadline", Seen)
    generate(Vendor(), make_api)

    # The upload, its CreateUploadUrl in what is left of the same five seconds, order and download.
    assert allowed == pytest.approx([5, 5, 4, 4], abs=0.5)
