"""GenerateReflectSequence: device data up, the light sequence down with its MD5 proven."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import NamedTuple

from liveproof import facts
from liveproof.ports import ObjectStream
from liveproof.vendors.errors import RelayFailed
from liveproof.vendors.tencent.api import TencentApi
from liveproof.vendors.tencent.relay import Relay

ACTION = "GenerateReflectSequence"
_MAX_SEQUENCE_BYTES = 1024 * 1024


class _Bytes:
    """Bytes as an ObjectStream."""

    def __init__(self, body: bytes) -> None:
        self._file = io.BytesIO(body)
        self.size = len(body)

    def read(self, amount: int = -1) -> bytes:
        return self._file.read(amount)

    def __enter__(self) -> ObjectStream:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()


class DeviceData(NamedTuple):
    """Device data at the vendor.

    Attributes:
        url: grants access; never logged.
        md5: 32 hex digits.
    """

    url: str
    md5: str


class ReflectSequences:
    """The first step of the reflect flow, in the vendor's pinned region."""

    def __init__(self, api: TencentApi) -> None:
        self._api = api
        self._relay = Relay(api)

    @property
    def region(self) -> str:
        """Where sequences are made."""
        return self._api.region

    def upload(self, device_data: str, timeout: float) -> DeviceData:
        """Bring device data to the vendor.

        Args:
            device_data: the mobile SDK's JSON text. It goes up in base64, and its MD5 is that of
                the base64 text (vendor's flow guide).
            timeout: seconds for the whole of it.

        Raises:
            VendorError: as `Relay.upload` does.
        """
        body = base64.b64encode(device_data.encode())
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
        return DeviceData(self._relay.upload(ACTION, _Bytes(body), md5, timeout), md5)

    def generate(self, device_data: DeviceData, security_level: int, timeout: float) -> bytes:
        """The sequence that the mobile SDK plays.

        Args:
            security_level: 1 silent, 2 blinking, 3 light, 4 blinking and light.
            timeout: seconds for the whole of it.

        Raises:
            VendorError: the vendor refused, or could not be reached.
        """
        api = facts.apis()[ACTION]
        answer = self._api.ask(
            api.service,
            api.version,
            ACTION,
            {
                "DeviceDataUrl": device_data.url,
                "DeviceDataMd5": device_data.md5,
                "SecurityLevel": str(security_level),
            },
            timeout / 2,
        )
        sequence_url, sequence_md5 = (
            answer.get("ReflectSequenceUrl"),
            answer.get("ReflectSequenceMd5"),
        )
        if not isinstance(sequence_url, str) or not isinstance(sequence_md5, str):
            raise RelayFailed(f"{ACTION} gave no sequence")
        return self._relay.download(sequence_url, sequence_md5, _MAX_SEQUENCE_BYTES, timeout / 2)
