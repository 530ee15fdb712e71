"""What a client may ask for, with the limits of each field. The API's bodies are of these types."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

MAX_REFERENCE = 200
MAX_METADATA_BYTES = 2048

Md5 = Annotated[
    str,
    Meta(pattern="^[0-9a-fA-F]{32}$", max_length=32, description="MD5 of the file, 32 hex digits"),
]

Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339, with the offset from UTC")]


class DeclaredInput(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that will be uploaded, as its sender declares it."""

    md5: Md5
    size: Annotated[int, Meta(ge=1, description="bytes")]
    content_type: Annotated[str, Meta(min_length=1, max_length=100)]


class DeclaredChallenge(Struct, frozen=True, forbid_unknown_fields=True):
    """What the person is asked to do in a video.

    `lip`: to say the four digits of `data`; `action`: the movements of `data`, such as `2,1`
    (1 open the mouth, 2 blink, 3 nod, 4 shake the head); `silent`: nothing.
    """

    type: Literal["lip", "action", "silent"]
    data: Annotated[str, Meta(max_length=20)] | None = None


class CreateVerification(Struct, frozen=True, forbid_unknown_fields=True):
    """A request for a new verification.

    `consent_reference` is where you keep the proof that the person agreed, such as the id of a
    consent record. A deployment may require it.
    """

    check: Annotated[str, Meta(min_length=1, max_length=40)]
    inputs: dict[str, DeclaredInput]
    challenge: DeclaredChallenge | None = None
    reference: Annotated[str, Meta(max_length=MAX_REFERENCE)] | None = None
    metadata: dict[str, str] = {}
    consent_reference: Annotated[str, Meta(min_length=1, max_length=MAX_REFERENCE)] | None = None
    threshold: Annotated[float, Meta(ge=0, le=100)] | None = None
    expires_in: Annotated[int, Meta(ge=30, le=86_400, description="seconds")] = 900


class ResendDeliveries(Struct, frozen=True, forbid_unknown_fields=True):
    """A request to send webhooks again.

    Those of the verifications that were created at `since` or later and before `until`, whose last
    delivery is in `state`, and that have the decision. `dry_run` only tells which. `cursor` is the
    `next_cursor` of the part before.
    """

    since: Moment
    until: Moment | None = None
    state: Literal["pending", "delivered", "exhausted"] = "exhausted"
    decision: Literal["passed", "rejected", "resubmit", "error", "expired"] | None = None
    dry_run: bool = True
    cursor: Annotated[str, Meta(max_length=60)] | None = None


class CreateReflectSequence(Struct, frozen=True, forbid_unknown_fields=True):
    """A request for a light sequence of the reflect flow.

    `device_data` is the JSON text that the mobile SDK gives; `security_level` 1 is silent,
    2 blinking, 3 light, 4 blinking and light.
    """

    device_data: Annotated[str, Meta(min_length=1, max_length=60_000)]
    security_level: Annotated[int, Meta(ge=1, le=4)] = 4
