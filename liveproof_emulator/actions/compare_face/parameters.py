"""What CompareFace takes."""

from dataclasses import dataclass

from liveproof_emulator.actions.parameters import choice, text, whole


@dataclass(frozen=True)
class Parameters:
    """Two photos, each as base64 or by URL, and how to compare them."""

    image_a: str = text("ImageA", required=False)
    image_b: str = text("ImageB", required=False)
    url_a: str = text("UrlA", required=False)
    url_b: str = text("UrlB", required=False)
    face_model_version: str = choice(
        "FaceModelVersion",
        "2.0",
        "3.0",
        default="3.0",
        illegal="InvalidParameterValue.FaceModelVersionIllegal",
    )
    quality_control: int = whole(
        "QualityControl", 0, 4, default=0, illegal="InvalidParameterValue.QualityControlIllegal"
    )
    need_rotate_detection: int = whole("NeedRotateDetection", 0, 1, default=0)
    face_matching_strategy: int = whole("FaceMatchingStrategy", 0, 1, default=0)
