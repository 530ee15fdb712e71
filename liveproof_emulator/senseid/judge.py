"""What an endpoint concludes: files first, then the scenario, then the fields asked for."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from liveproof_emulator.catalogue import Fault, Scenario, marked_scenario
from liveproof_emulator.senseid import media
from liveproof_emulator.senseid.catalogue import FACTS, Endpoint
from liveproof_emulator.senseid.cipher import Cipher, NotEncryptedError
from liveproof_emulator.senseid.form import ArgumentError, Sent, StatusError

SUCCESS = 1000
INVALID = 1200
_LIVENESS_SCORES = {True: 0.98, False: 0.12}


class RefusedError(Exception):
    """Answered with a code other than 1000."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Case:
    """One request: its files, opened, and the answer's fields as far as they are settled."""

    endpoint: Endpoint
    sent: Sent
    files: list[bytes] = field(default_factory=list, repr=False)
    sides: list[tuple[int, int]] = field(default_factory=list)
    frame: media.Frame | None = None

    def flag(self, name: str) -> bool:
        """A flag of this endpoint; others are not looked at."""
        return name in self.endpoint.flags and self.sent.flag(name)


async def opened(endpoint: Endpoint, sent: Sent, cipher: Cipher) -> Case:
    """Every file decrypted and authenticated.

    Raises:
        ArgumentError: something is missing, or a flag is neither true nor false.
        RefusedError: a file is not encrypted with this key and IV.
    """
    case = Case(endpoint, sent)
    for flag in endpoint.flags:
        sent.flag(flag)
    if endpoint.file is not None:
        case.files.append(sent.file(endpoint.file))
    names = [*([endpoint.video] if endpoint.video else []), *endpoint.images]
    texts = [sent.text(name) for name in names]
    try:
        case.files += await asyncio.to_thread(lambda: [cipher.decrypt(text) for text in texts])
    except NotEncryptedError as problem:
        raise RefusedError(FACTS.integer("decryption_failed_code")) from problem
    return case


async def looked_at(case: Case) -> None:
    """Decode every file. RefusedError: what is wrong with one."""
    try:
        await asyncio.to_thread(_look, case)
    except media.UnfitError as problem:
        raise RefusedError(problem.code) from problem


def concluded(case: Case, scenario: Scenario) -> dict[str, object]:
    """The fields of a success.

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


def chosen(names: Mapping[str, Scenario], faults: Mapping[str, Fault], files: list[bytes]) -> str:
    """The name on the files' last lines; "pass" without one.

    ArgumentError if two differ, or nothing has that name here.
    """
    found = dict.fromkeys(name for name in map(marked_scenario, files) if name is not None)
    if len(found) > 1:
        raise ArgumentError(f"emulator: the files name {' and '.join(found)}")
    name = next(iter(found), "pass")
    if name not in names and name not in faults:
        raise ArgumentError(f"emulator: no scenario {name!a}; GET /_emulator/scenarios lists them")
    return name


def _look(case: Case) -> None:
    endpoint = case.endpoint
    first = 1 if endpoint.video or endpoint.file else 0
    case.sides = [media.image(body) for body in case.files[first:]]
    if endpoint.video:
        case.frame = media.video(case.files[0])


def _liveness(
    case: Case, frame: media.Frame, scenario: Scenario, fields: dict[str, object]
) -> bool:
    """Adds what is said of liveness; whether it passed."""
    status = scenario.text("status") or "ok"
    if status == "ok" and frame.duration < FACTS.number("shortest_video_seconds"):
        if FACTS.text("short_video_way") == "code":
            raise RefusedError(4007)
        status = "short_time"
    passed = status == "ok"
    told = scenario.text("passed") != "missing"
    if told:
        fields["passed"] = passed
    fields["liveness_score"] = _LIVENESS_SCORES[passed]
    if case.flag("return_status"):
        fields["liveness_status"] = status
    if passed and told and case.flag("return_image"):
        fields["image_timestamp"] = frame.seconds
        fields["base64_image"] = frame.whole()
    if passed and told and case.flag("return_face_image"):
        fields["base64_face_image"] = frame.face()
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
