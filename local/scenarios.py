"""What the demo asks: each scenario, its files and what must come of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local import samples
from local.samples import Sample


@dataclass(frozen=True)
class Scenario:
    """One verification of the demo.

    Attributes:
        name: shown to people, and the verification's `reference`.
        title: what happens, in a few words.
        decision, reason: what must come of it.
        files: inputs by name; none are sent if `send` is false.
        calls: paid vendor calls that it must cause, by the emulator's scenario name.
        wrong_bytes_first: sends other bytes of the same size first; the bucket must refuse them.
        expires_in: seconds, as the API takes it; None for the API's default.
        limit: seconds in which the webhook must have come.
    """

    name: str
    title: str
    decision: str
    reason: str
    files: Mapping[str, Sample]
    calls: Counter[str] = field(default_factory=Counter)
    wrong_bytes_first: bool = False
    send: bool = True
    expires_in: int | None = None
    limit: float = 90.0


def reflect(nonce: random.Random, image: Path | None, live_data: Path | None) -> list[Scenario]:
    """The scenarios of the `reflect` check.

    Args:
        nonce: makes every file different from any before.
        image, live_data: the user's own files, for the `pass` scenario. Raises OSError.
    """

    def files(scenario: str | None) -> dict[str, Sample]:
        # The line that chooses an outcome goes into one file only.
        return {
            "live_data": samples.packet(scenario, nonce),
            "image": samples.photo(None, nonce),
        }

    own = files(None)
    if live_data:
        own["live_data"] = samples.of_file(live_data)
    if image:
        own["image"] = samples.of_file(image)
    wrong_format = files(None) | {"image": Sample(_pdf(nonce), "image/jpeg")}
    return [
        Scenario(
            name="pass",
            title="a live person, the one in the photo",
            decision="passed",
            reason="passed",
            files=own,
            calls=Counter({"pass": 1}),
        ),
        Scenario(
            name="other-person",
            title="a live person, but another one",
            decision="rejected",
            reason="other_person",
            files=files("other-person"),
            calls=Counter({"other-person": 1}),
        ),
        Scenario(
            name="spoof",
            title="a recording held before the camera",
            decision="rejected",
            reason="spoof_suspected",
            files=files("spoof"),
            calls=Counter({"spoof": 1}),
        ),
        Scenario(
            name="wrong-bytes",
            title="other bytes than declared, which the bucket refuses; then the right ones",
            decision="passed",
            reason="passed",
            files=files(None),
            calls=Counter({"pass": 1}),
            wrong_bytes_first=True,
        ),
        Scenario(
            name="wrong-format",
            title="a PDF in the place of the photo",
            decision="resubmit",
            reason="wrong_format",
            files=wrong_format,
        ),
        Scenario(
            name="expiry",
            title="nothing is uploaded, and the schedule ends it",
            decision="expired",
            reason="uploads_expired",
            files=files(None),
            send=False,
            expires_in=30,
            limit=180.0,
        ),
    ]


def _pdf(nonce: random.Random) -> bytes:
    return b"%PDF-1.7\n% " + nonce.randbytes(4000).hex().encode() + b"\n%%EOF\n"
