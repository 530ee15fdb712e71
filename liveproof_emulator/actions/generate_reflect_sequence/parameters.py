"""What GenerateReflectSequence takes."""

from dataclasses import dataclass

from liveproof_emulator.actions.parameters import choice, md5, text


@dataclass(frozen=True)
class Parameters:
    """The mobile SDK's device data by URL and MD5, and how hard the challenge is to be."""

    device_data_url: str = text("DeviceDataUrl")
    device_data_md5: str = md5("DeviceDataMd5")
    security_level: str = choice("SecurityLevel", "1", "2", "3", "4", default="4")
