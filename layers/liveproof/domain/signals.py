"""Signals: what happened to a verification's uploads that no honest app does.

They decide nothing. A client's own rules may look at them, and an operator in a dispute.
"""

from __future__ import annotations

from enum import Enum

from msgspec.structs import replace

from liveproof.domain.states import Status
from liveproof.domain.verification import InputState, Verification

MOST = 99
"""A signal is counted up to here, so that nobody makes the store work by uploading."""


class Signal(str, Enum):
    """The codes. Values are part of the HTTP API, the webhook and the manifest."""

    SECOND_UPLOAD = "second_upload"
    UNISSUED_KEY = "unissued_key"
    WRONG_MD5 = "wrong_md5"
    WRONG_SIZE = "wrong_size"
    WRONG_HEADERS = "wrong_headers"
    WRONG_FORMAT = "wrong_format"
    CONTENT_TYPE_SWAPPED = "content_type_swapped"
    UPLOAD_AFTER_DECISION = "upload_after_decision"


MEANINGS = {
    Signal.SECOND_UPLOAD: "a file came under another key of an input that was proven already",
    Signal.UNISSUED_KEY: "a file lies under a key of this verification that no URL was issued for",
    Signal.WRONG_MD5: "the stored bytes have another MD5 than was declared",
    Signal.WRONG_SIZE: "the stored file has another size than was declared",
    Signal.WRONG_HEADERS: "the stored file has a Content-Encoding, which no upload may have",
    Signal.WRONG_FORMAT: "the bytes are of a format that the input does not take",
    Signal.CONTENT_TYPE_SWAPPED: "the bytes are of another format than the declared content type",
    Signal.UPLOAD_AFTER_DECISION: "a file came after the decision; it changed nothing",
}
"""What each says, for the docs."""

OF_REFUSALS = {
    signal.value: signal
    for signal in (
        Signal.WRONG_MD5,
        Signal.WRONG_SIZE,
        Signal.WRONG_HEADERS,
        Signal.WRONG_FORMAT,
    )
}
"""The signal that a refusal's reason, a code of `reasons.json`, stands for."""

FORMAT_OF_TYPE = {
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/tiff": "tiff",
    "video/mp4": "mp4",
    "video/quicktime": "quicktime",
    "video/x-msvideo": "avi",
    "video/x-flv": "flv",
    "video/x-ms-wmv": "asf",
    "application/vnd.rn-realmedia": "realmedia",
    "application/gzip": "gzip",
}
"""The format that a declared content type names; other types name none."""


def counted(verification: Verification, signal: Signal) -> Verification:
    """With one more of this signal; the same value where it is counted no further."""
    count = verification.signals.get(signal.value, 0)
    if count >= MOST:
        return verification
    return replace(verification, signals={**verification.signals, signal.value: count + 1})


def until_decision(verification: Verification) -> dict[str, int]:
    """What happened up to the decision: it never changes afterwards, as the webhook's bytes."""
    late = Signal.UPLOAD_AFTER_DECISION.value
    return {
        code: verification.signals[code] for code in sorted(verification.signals) if code != late
    }


def signal_of_format(content_type: str, kind: str | None) -> Signal | None:
    """What the format of proven bytes means beside the declared content type."""
    named = FORMAT_OF_TYPE.get(content_type)
    return None if named is None or kind in (None, named) else Signal.CONTENT_TYPE_SWAPPED


def signal_of_event(verification: Verification, name: str, key: str) -> Signal | None:
    """What the bucket's event for a key means where the input is not awaited, or not by this key.

    None for an event that came again. Of a verification whose check is running nothing is counted:
    a write would take the record of a paid call its turn.
    """
    declared = verification.inputs.get(name)
    if verification.status not in (Status.AWAITING_UPLOAD, Status.DECIDED):
        return None
    if declared is not None and key == declared.proven_key:
        return None
    if verification.status is Status.DECIDED:
        return Signal.UPLOAD_AFTER_DECISION
    if declared is None or key not in declared.keys:
        return Signal.UNISSUED_KEY
    return Signal.SECOND_UPLOAD if declared.state is not InputState.MISSING else None
