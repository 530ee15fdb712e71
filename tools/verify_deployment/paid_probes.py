"""Probes whose verification is judged by the vendor: with the user's files, within the budget."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from liveproof import facts
from tools.demo.samples import Sample, trailer
from tools.demo.user_files import rejection_reason
from tools.verify_deployment.budget import CALLS, TooExpensive
from tools.verify_deployment.deployment import Refused
from tools.verify_deployment.probe import Context, NotRun, Probe, require

_DECIDED_SECONDS = 180


def judged(context: Context, check: str, files: Mapping[str, Sample]) -> dict[str, Any]:
    """The decided verification of files. Raises NotRun without money or without the check."""
    try:
        context.budget.reserve(check)
    except TooExpensive as error:
        raise NotRun(str(error)) from None
    try:
        created = context.deployment.create(check, files)
    except Refused as error:
        raise NotRun(f"the deployment does not take it: {error}") from None
    # What nobody has seen decided may have been called for, and may be once more.
    calls: Sequence[Mapping[str, Any]] = [{"billable": "unknown"}] * CALLS
    try:
        for name, sample in files.items():
            status = context.deployment.put(created["uploads"][name], sample.data).status
            if 400 <= status < 500:
                calls = []  # without one of its files nothing is judged
            require(status == 200, f"the PUT of {name}: HTTP {status}")
        seen = context.deployment.wait(
            created["id"], lambda seen: seen["decision"] is not None, _DECIDED_SECONDS
        )
        if seen["decision"] is not None:
            calls = seen["calls"]
    finally:
        context.budget.settle(check, calls)
        context.deployment.delete(created["id"])
    require(seen["decision"] is not None, f"undecided after {_DECIDED_SECONDS} seconds")
    return seen


def in_words(seen: Mapping[str, Any]) -> str:
    """Decision and codes; no scores, no ids of the vendor."""
    reason = seen["reason"] or {}
    codes = [str(call["code"]) for call in seen["calls"] if call["code"]]
    said = ", ".join(filter(None, [reason.get("code"), *codes]))
    return f"{seen['decision']}" + (f" ({said})" if said else "")


def with_files(check: str) -> Any:
    """A probe that has the user's files judged by a check."""

    def run(context: Context) -> str:
        files: dict[str, Sample] = {}
        for name in facts.checks()[check].inputs:
            sample = getattr(context.files, name)
            if sample is None:
                raise NotRun(f"it needs {name.upper()}=, a file of a live person")
            if reason := rejection_reason(check, name, sample):
                raise NotRun(f"{name.upper()}= is not for {check}: {reason}")
            files[name] = sample
        seen = judged(context, check, files)
        require(seen["decision"] != "error", in_words(seen))
        calls = seen["calls"]
        require(bool(calls), f"decided without a call: {in_words(seen)}")
        answered = calls[-1]
        require(answered["outcome"] == "answered", f"the call: {answered['outcome']}")
        if check != "silent":
            require(bool(answered["request_id"]), "the answer had no RequestId")
        return in_words(seen)

    return run


def no_face(context: Context) -> str:
    """A grey picture: the vendor says by a known code that there is no face.

    The emulator looks at no face; the line behind the picture tells it.
    """
    encoded = io.BytesIO()
    Image.new("RGB", (480, 640), "grey").save(encoded, "JPEG")
    picture = Sample(encoded.getvalue() + trailer("no-face"), "image/jpeg")
    seen = judged(context, "photo", {"image": picture})
    require(seen["decision"] in ("resubmit", "rejected"), in_words(seen))
    return in_words(seen)


PAID = (
    Probe("no_face", "has a grey picture judged by `photo`", no_face),
    *(
        Probe(check, f"has your files judged by `{check}`", with_files(check))
        for check in ("photo", "video", "reflect", "silent")
    ),
)
