"""What VideoLivenessCompare takes."""

from dataclasses import dataclass

from liveproof_emulator.actions.parameters import choice, md5, text


@dataclass(frozen=True)
class Parameters:
    """The photo and the video, by URL and MD5, and what the person was asked to do."""

    image_url: str = text("ImageUrl")
    image_md5: str = md5("ImageMd5")
    video_url: str = text("VideoUrl")
    video_md5: str = md5("VideoMd5")
    liveness_type: str = choice("LivenessType", "LIP", "ACTION", "SILENT")
    validate_data: str = text("ValidateData", required=False)
