"""What LivenessCompare takes."""

from dataclasses import dataclass

from liveproof_emulator.actions.parameters import choice, text


@dataclass(frozen=True)
class Parameters:
    """The photo and the video, each as base64 or by URL, and what the person was asked to do."""

    liveness_type: str = choice("LivenessType", "LIP", "ACTION", "SILENT")
    image_base64: str = text("ImageBase64", required=False)
    image_url: str = text("ImageUrl", required=False)
    validate_data: str = text("ValidateData", required=False)
    optional: str = text("Optional", required=False)
    video_base64: str = text("VideoBase64", required=False)
    video_url: str = text("VideoUrl", required=False)
