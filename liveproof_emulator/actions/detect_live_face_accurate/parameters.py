"""What DetectLiveFaceAccurate takes."""

from dataclasses import dataclass

from liveproof_emulator.actions.parameters import choice, text


@dataclass(frozen=True)
class Parameters:
    """The photo, as base64 or by URL, and the model's version."""

    image: str = text("Image", required=False)
    url: str = text("Url", required=False)
    face_model_version: str = choice(
        "FaceModelVersion",
        "3.0",
        default="3.0",
        illegal="InvalidParameterValue.FaceModelVersionIllegal",
    )
