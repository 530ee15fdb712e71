"""The answer of an endpoint: decrypt the files, decode them, conclude by the scenario."""

import asyncio
from dataclasses import dataclass, field

from liveproof_emulator.model import Scenario
from liveproof_emulator.senseid.catalogue import FACTS, Endpoint
from liveproof_emulator.senseid.cipher import Cipher, NotEncryptedError
from liveproof_emulator.senseid.files import Frame, UnfitError, check_image, middle_frame
from liveproof_emulator.senseid.form import FormFields, StatusError

SUCCESS = 1000
INVALID = 1200
_LIVENESS_SCORES = {True: 0.98, False: 0.12}


class RefusedError(Exception):
    """The answer is a code other than 1000."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Case:
    """One request: its form, its decrypted files, and after decoding the photos' sides (width,
    height) and the video's frame. A video or raw file is the first of `files`."""

    endpoint: Endpoint
    form: FormFields
    files: list[bytes] = field(default_factory=list, repr=False)
    sides: list[tuple[int, int]] = field(default_factory=list)
    frame: Frame | None = None

    def flag(self, name: str) -> bool:
        """A flag of the form; False if this endpoint does not have that flag."""
        return name in self.endpoint.flags and self.form.flag(name)


async def decrypt_files(endpoint: Endpoint, form: FormFields, cipher: Cipher) -> Case:
    """The request with every file decrypted and authenticated.

    Raises:
        ArgumentError: something is missing, or a flag is neither true nor false.
        RefusedError: a file is not encrypted with this key and IV.
    """
    case = Case(endpoint, form)
    for flag in endpoint.flags:
        form.flag(flag)
    if endpoint.file is not None:
        case.files.append(form.file(endpoint.file))
    names = [*([endpoint.video] if endpoint.video else []), *endpoint.images]
    texts = [form.text(name) for name in names]
    try:
        case.files += await asyncio.to_thread(lambda: [cipher.decrypt(text) for text in texts])
    except NotEncryptedError as problem:
        raise RefusedError(FACTS.integer("decryption_failed_code")) from problem
    return case


async def decode_files(case: Case) -> None:
    """Decode every file. RefusedError if one is not allowed; its code says why."""
    try:
        await asyncio.to_thread(_decode, case)
    except UnfitError as problem:
        raise RefusedError(problem.code) from problem


def conclude(case: Case, scenario: Scenario) -> dict[str, object]:
    """The fields of the answer with code 1000.

    Raises:
        RefusedError: the scenario is a code.
        StatusError: the scenario is an HTTP status.
    """
    if "http" in scenario.values:
        raise StatusError(int(scenario.number("http")))
    covered = scenario.text("needs") == "quality"
    if "code" in scenario.values and (not covered or case.flag("check_quality")):
        raise RefusedError(int(scenario.number("code")))
    fields: dict[str, object] = {"code": SUCCESS}
    passed = True
    if case.frame is not None:
        passed = _liveness(case, case.frame, scenario, fields)
    if passed and case.endpoint.compares and "score" in scenario.values:
        fields.update(_comparison(case, scenario.number("score")))
    if not case.endpoint.compares and case.frame is None:
        fields["faces"] = [{"rect": _rect(sides)} for sides in case.sides]
    return fields


def _decode(case: Case) -> None:
    endpoint = case.endpoint
    first = 1 if endpoint.video or endpoint.file else 0
    case.sides = [check_image(body) for body in case.files[first:]]
    if endpoint.video:
        case.frame = middle_frame(case.files[0])


def _liveness(case: Case, frame: Frame, scenario: Scenario, fields: dict[str, object]) -> bool:
    """Adds the fields about liveness; returns whether the person passed."""
    status = scenario.text("status") or "ok"
    if status == "ok" and frame.duration < FACTS.number("shortest_video_seconds"):
        if FACTS.text("short_video_way") == "code":
            raise RefusedError(4007)
        status = "short_time"
    passed = status == "ok"
    send_passed = scenario.text("passed") != "missing"
    if send_passed:
        fields["passed"] = passed
    fields["liveness_score"] = _LIVENESS_SCORES[passed]
    if case.flag("return_status"):
        fields["liveness_status"] = status
    if passed and send_passed and case.flag("return_image"):
        fields["image_timestamp"] = frame.seconds
        fields["base64_image"] = frame.image_base64()
    if passed and send_passed and case.flag("return_face_image"):
        fields["base64_face_image"] = frame.face_base64()
    return passed


def _comparison(case: Case, score: float) -> dict[str, object]:
    if case.endpoint.section != "1.2":
        return {"verification_score": score}
    rects = [[_rect(sides)] for sides in case.sides]
    return {
        "scores": [score],
        "face_rects": dict(zip(("first", "second"), rects, strict=True)),
    }


def _rect(sides: tuple[int, int]) -> dict[str, int]:
    width, height = sides
    corners = (width // 4, height // 4, width * 3 // 4, height * 3 // 4)
    return dict(zip(FACTS.texts("rect_names"), corners, strict=True))
