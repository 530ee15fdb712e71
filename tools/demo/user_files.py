"""The user's own files in the demo: unchanged, in every check whose limits allow them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from liveproof import facts
from liveproof.files.inspection import bytes_needed, inspect
from liveproof.settings import Settings
from tools import ROOT
from tools.demo import frames
from tools.demo.samples import Sample, of_file
from tools.processes import ToolError, UsageError

# How long a film may be is the vendor's rule; liveproof does not decode films, the emulator does.
_VENDOR_FACTS = {
    "video": ROOT / "liveproof_emulator" / "actions" / "video_liveness_compare" / "facts.json",
    "silent": ROOT / "liveproof_emulator" / "senseid" / "facts.json",
}

_INPUTS = ("image", "video", "live_data")


@dataclass(frozen=True)
class UserFiles:
    """Files that replace the samples, by input; None for the sample."""

    image: Sample | None = None
    video: Sample | None = None
    live_data: Sample | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> UserFiles:
        """The files of IMAGE, VIDEO and LIVE_DATA. Raises UsageError if one cannot be read."""
        files = {}
        for name in _INPUTS:
            path = environment.get(name.upper())
            if path:
                try:
                    files[name] = of_file(Path(path))
                except OSError as error:
                    raise UsageError(f"{name.upper()}={path}: {error.strerror}") from None
        return cls(**files)

    def require_use(self) -> None:
        """Raises UsageError, with the reasons, if a file goes to no check."""
        lines = self.notes()
        useless = [name for name in _INPUTS if f"{name.upper()}= goes to: no check" in lines]
        if useless:
            starts = tuple(f"{name.upper()}= " for name in useless)
            raise UsageError("\n".join(line for line in lines if line.startswith(starts)))

    def for_check(self, check: str) -> dict[str, Sample]:
        """The files that a check takes."""
        return {
            name: sample for name, sample in self._inputs(check)
            if not rejection_reason(check, name, sample)
        }  # fmt: skip

    def notes(self) -> list[str]:
        """A line for each file: which checks get it, and why the others do not."""
        lines = []
        for name in _INPUTS:
            checks = [check for check in facts.checks() if name in dict(self._inputs(check))]
            taking = [check for check in checks if name in self.for_check(check)]
            if checks:
                lines.append(f"{name.upper()}= goes to: {', '.join(taking) or 'no check'}")
            for check in checks:
                sample = dict(self._inputs(check))[name]
                if reason := rejection_reason(check, name, sample):
                    lines.append(f"{name.upper()}= is not for {check}, the sample is: {reason}")
        return lines

    def _inputs(self, check: str) -> list[tuple[str, Sample]]:
        files = {"image": self.image, "video": self.video, "live_data": self.live_data}
        return [
            (name, sample)
            for name in facts.checks()[check].inputs
            if (sample := files[name]) is not None
        ]


def rejection_reason(check: str, name: str, sample: Sample) -> str | None:
    """Why a check does not take a file for an input, with the limit; None if it does."""
    allowed = facts.checks()[check].inputs[name]
    kind, reason = inspect(sample.data[: bytes_needed(allowed)], allowed)
    if reason == "wrong_format" or sample.content_type not in allowed.content_types:
        return f"it takes {', '.join(allowed.formats)}, and this is {kind}"
    most = _max_bytes(check, name)
    if len(sample.data) > most:
        return f"it takes at most {most} bytes, and this has {len(sample.data)}"
    if reason == "photo_unreadable":
        return "its width and height cannot be read"
    if reason is not None and allowed.pixels is not None:
        sides = allowed.pixels.max_side[kind]
        return f"it takes sides of {allowed.pixels.min_side} to {sides} pixels, not these"
    return _length_reason(check, sample.data) if name == "video" else None


def _length_reason(check: str, film: bytes) -> str | None:
    limits = _vendor_facts(check)
    least, most = limits["shortest_video_seconds"], limits["longest_video_seconds"]
    try:
        seconds = frames.seconds(film)
    except ToolError as error:
        return str(error)
    if least["value"] <= seconds <= most["value"]:
        return None
    return f"it takes {least['value']} to {most['value']} seconds, and this lasts {seconds:.1f}"


@cache
def _vendor_facts(check: str) -> Any:
    return json.loads(_VENDOR_FACTS[check].read_text(encoding="utf-8"))


@cache
def _max_bytes(check: str, name: str) -> int:
    """The limit of a deployment with the default settings."""
    required: dict[str, Any] = {
        field.name: "-" for field in msgspec.structs.fields(Settings) if field.required
    }
    return Settings(**required).largest_file(check, name)
