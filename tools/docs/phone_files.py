"""The generated tables inside docs/phone-files.md: which check takes what phones make."""

from __future__ import annotations

from pathlib import Path

import msgspec

from liveproof import facts
from liveproof.facts import InputFacts

_DATA = Path(__file__).with_suffix(".json")


class PhoneFile(msgspec.Struct, frozen=True):
    """A file that phones or browsers make.

    Attributes:
        origin: what makes it.
        name: its format, for people.
        kind: what its first bytes say (`liveproof.files.formats`).
        content_type: what the phone calls it.
        advice: what an app does about it.
        pixels: of a photo, the usual sides.
    """

    origin: str
    name: str
    kind: str
    content_type: str
    advice: str
    pixels: tuple[int, int] | None = None


class _Data(msgspec.Struct, frozen=True):
    note: str
    date: str
    photos: tuple[PhoneFile, ...]
    films: tuple[PhoneFile, ...]


def data() -> _Data:
    """What phones and browsers make."""
    return msgspec.json.decode(_DATA.read_bytes(), type=_Data)


def table(which: str) -> str:
    """The table of `photos` or `films`. Raises ValueError for another name."""
    if which not in ("photos", "films"):
        raise ValueError(f"there is no table of {which}")
    name = "image" if which == "photos" else "video"
    inputs = {
        check: check_facts.inputs[name]
        for check, check_facts in facts.checks().items()
        if name in check_facts.inputs
    }
    files = data().photos if which == "photos" else data().films
    head = ["origin", "file", *(f"`{check}`" for check in inputs), "what to do"]
    rows = [head, ["---"] * len(head)]
    for file in files:
        taken = [verdict(file, input) for input in inputs.values()]
        rows.append([file.origin, _described(file), *taken, file.advice])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def verdict(file: PhoneFile, input: InputFacts) -> str:
    """Whether an input takes the file as it is, for people."""
    if file.kind not in input.formats or file.content_type not in input.content_types:
        return "no"
    if input.pixels is not None and file.pixels is not None:
        largest = input.pixels.max_side[file.kind]
        if max(file.pixels) > largest:
            return f"no: over {largest} px"
    largest_bytes = input.max_bytes or input.default_max_bytes or 0
    return f"to {largest_bytes / 2**20:.4g} MiB"


def _described(file: PhoneFile) -> str:
    sides = f", {file.pixels[0]} x {file.pixels[1]}" if file.pixels else ""
    return f"{file.name} (`{file.content_type}`{sides})"
