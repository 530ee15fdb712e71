"""What DetectReflectLivenessAndCompare takes."""

from dataclasses import dataclass

from liveproof_emulator.actions.parameters import md5, text


@dataclass(frozen=True)
class Parameters:
    """The mobile SDK's package and the photo to compare with, by URL and MD5."""

    live_data_url: str = text("LiveDataUrl")
    live_data_md5: str = md5("LiveDataMd5")
    image_url: str = text("ImageUrl")
    image_md5: str = md5("ImageMd5")
