"""What CompareFaceLiveness takes."""

from dataclasses import dataclass

from liveproof_emulator.actions.parameters import choice, text


@dataclass(frozen=True)
class Parameters:
    """The photo and the video as base64, and what the person was asked to do."""

    image_base64: str = text("ImageBase64")
    video_base64: str = text("VideoBase64")
    liveness_type: str = choice("LivenessType", "ACTION", "SILENT")
    validate_data: str = text("ValidateData", required=False)
