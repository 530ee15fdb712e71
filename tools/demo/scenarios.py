"""The scenarios of the demo: each with its files and its expected end."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from liveproof import facts
from tools.demo import samples
from tools.demo.samples import Sample
from tools.demo.user_files import UserFiles

# The input whose trailing line chooses the outcome; the other files carry none.
_CHOOSES = {"reflect": "live_data", "video": "video", "photo": "image", "silent": "video"}


@dataclass(frozen=True)
class Scenario:
    """One verification of the demo.

    Attributes:
        check: which check it asks for.
        name: shown to people, and the verification's `reference`.
        title: what happens, in a few words.
        decision, reason: the expected ones.
        files: inputs by name; none are sent if `send` is false.
        challenge: what the person in the video is asked to do, as the API takes it.
        calls: calls of the check's own API that it must cause, by the emulator's scenario name.
        light_sequence: asks for a light sequence first, as the reflect flow does.
        frame_of_video: the kept best frame must be a frame of the video.
        wrong_bytes_first: sends other bytes of the same size first; the bucket must refuse them.
        expires_in: seconds, as the API takes it; None for the API's default.
        limit: seconds in which the webhook must have come.
    """

    check: str
    name: str
    title: str
    decision: str
    reason: str
    files: Mapping[str, Sample]
    challenge: Mapping[str, str] | None = None
    calls: Counter[str] = field(default_factory=Counter)
    light_sequence: bool = False
    frame_of_video: bool = False
    wrong_bytes_first: bool = False
    send: bool = True
    expires_in: int | None = None
    limit: float = 90.0

    @property
    def action(self) -> str:
        """The API that answers."""
        return facts.checks()[self.check].apis[0]


class Files:
    """Sample files that no earlier run had, and the user's own."""

    def __init__(self, rng: random.Random, user_files: UserFiles) -> None:
        """`rng` makes every file different from all earlier ones."""
        self._rng, self._user_files = rng, user_files

    def samples(self, check: str, scenario: str | None = None) -> dict[str, Sample]:
        """Files for a check; `scenario` chooses the emulator's answer."""
        make = {"live_data": samples.packet, "image": samples.photo, "video": samples.video}
        return {
            name: make[name](scenario if name == _CHOOSES[check] else None, self._rng)
            for name in facts.checks()[check].inputs
        }

    def passing(self, check: str) -> dict[str, Sample]:
        """The user's own files where the check takes them, else samples that pass."""
        return self.samples(check) | self._user_files.for_check(check)

    def pdf(self) -> Sample:
        """A PDF that is declared to be a JPEG."""
        text = self._rng.randbytes(4000).hex().encode()
        return Sample(b"%PDF-1.7\n% " + text + b"\n%%EOF\n", "image/jpeg")


def all_scenarios(rng: random.Random, user_files: UserFiles) -> list[Scenario]:
    """The scenarios of every check: each kind of decision per check, and a single expiry."""
    files = Files(rng, user_files)
    return [*_reflect(files), *_video(files), *_photo(files), *_silent(files)]


def _decided_by_vendor(
    files: Files, check: str, name: str, title: str, decision: str, reason: str, scenario: str
) -> Scenario:
    """A scenario in which the vendor decides."""
    return Scenario(
        check, f"{check}-{name}", title, decision, reason, files.samples(check, scenario),
        calls=Counter({scenario: 1}),
    )  # fmt: skip


def _passing(files: Files, check: str, title: str, *, sequence: bool = False) -> Scenario:
    return Scenario(
        check, f"{check}-pass", title, "passed", facts.checks()[check].passed, files.passing(check),
        calls=Counter({"pass": 1}),
        light_sequence=sequence,
        frame_of_video="video" in facts.checks()[check].inputs,
    )  # fmt: skip


def _reflect(files: Files) -> list[Scenario]:
    wrong_format = files.samples("reflect") | {"image": files.pdf()}
    return [
        _passing(files, "reflect", "a live person, the one in the photo", sequence=True),
        _decided_by_vendor(files, "reflect", "other", "a live person, but another one",
                "rejected", "other_person", "other-person"),
        _decided_by_vendor(files, "reflect", "spoof", "a recording held before the camera",
                "rejected", "spoof_suspected", "spoof"),
        Scenario(
            "reflect", "reflect-refused",
            "other bytes than declared, which the bucket refuses; then the right ones",
            "passed", "passed", files.samples("reflect"),
            calls=Counter({"pass": 1}), wrong_bytes_first=True,
        ),
        Scenario(
            "reflect", "reflect-format", "a PDF in the place of the photo",
            "resubmit", "wrong_format", wrong_format,
        ),
        _decided_by_vendor(files, "reflect", "code", "a code that no list of the vendor has",
                "error", "vendor_code_unknown", "unknown-code"),
        Scenario(
            "reflect", "reflect-expiry",
            "nothing is uploaded, and the schedule ends it; the one expiry of the demo",
            "expired", "uploads_expired", files.samples("reflect"),
            send=False, expires_in=30, limit=180.0,
        ),
    ]  # fmt: skip


def _video(files: Files) -> list[Scenario]:
    return [
        _passing(files, "video", "a film of the person in the photo"),
        Scenario(
            "video", "video-lip", "the person reads four digits aloud",
            "passed", "passed", files.samples("video"),
            challenge={"type": "lip", "data": "4071"},
            calls=Counter({"pass": 1}), frame_of_video=True,
        ),
        Scenario(
            "video", "video-action", "the person is asked to move, and does not",
            "rejected", "challenge_not_met", files.samples("video", "mouth-not-opened"),
            challenge={"type": "action", "data": "2,1"},
            calls=Counter({"mouth-not-opened": 1}),
        ),
        _decided_by_vendor(files, "video", "spoof", "a film of a screen",
                "rejected", "spoof_suspected", "spoof"),
        _decided_by_vendor(files, "video", "dark", "too little light",
                "resubmit", "too_dark", "too-dark"),
        _decided_by_vendor(files, "video", "score", "the vendor says Success and gives no score",
                "error", "vendor_answer_incomplete", "missing-score"),
    ]  # fmt: skip


def _photo(files: Files) -> list[Scenario]:
    return [
        _passing(files, "photo", "a photo of a live person"),
        _decided_by_vendor(files, "photo", "copy", "a photo of a photo",
                "rejected", "liveness_below_threshold", "photographed"),
        _decided_by_vendor(files, "photo", "no-face", "a photo without a face",
                "resubmit", "photo_no_face", "no-face"),
        _decided_by_vendor(files, "photo", "code", "a code that no list of the vendor has",
                "error", "vendor_code_unknown", "unknown-code"),
    ]  # fmt: skip


def _silent(files: Files) -> list[Scenario]:
    return [
        _passing(files, "silent", "a silent film of the person in the photo"),
        _decided_by_vendor(files, "silent", "spoof", "a film of a screen",
                "rejected", "spoof_suspected", "spoof"),
        _decided_by_vendor(files, "silent", "short", "a film of less than two seconds",
                "resubmit", "recording_too_short", "short-video"),
        _decided_by_vendor(files, "silent", "score", "passed, and the vendor gives no score",
                "error", "vendor_answer_incomplete", "missing-score"),
    ]  # fmt: skip
