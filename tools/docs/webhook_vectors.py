"""docs/webhook-vectors.json: webhooks with keys and verdicts, to test a verifier against.

Everything in it is fixed: keys, ids and times. `vectors` makes the same ones for another time, as
tests need them for libraries that look at the clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from liveproof.domain.ids import webhook_id
from liveproof.domain.verification import Verification
from liveproof.use_cases.conclude import verdict_of
from liveproof.webhooks.keys import PrivateKey, SecretKey, parse_key, public_key_text
from liveproof.webhooks.message import SEQUENCE_OF_DECISION, body_of_test, build_body
from liveproof.webhooks.signature import signed_headers

NOW: Final = 1_795_167_000
"""The receiver's clock, seconds since 1970: 2026-11-20T09:30:00Z."""
TOLERANCE_SECONDS: Final = 300
"""How far a timestamp may be off in the standard's own libraries."""

# Published on purpose; no deployment has them.
SECRET: Final = "whsec_bGl2ZXByb29mIHRlc3QgdmVjdG9yIHNlY3JldCAxIQ=="  # noqa: S105
OLD_SECRET: Final = "whsec_bGl2ZXByb29mIHRlc3QgdmVjdG9yIHNlY3JldCAwIQ=="  # noqa: S105
PRIVATE_KEY: Final = "whsk_bGl2ZXByb29mIHRlc3QgdmVjdG9yIGVkMjU1MTkgMSE="
OLD_PRIVATE_KEY: Final = "whsk_bGl2ZXByb29mIHRlc3QgdmVjdG9yIGVkMjU1MTkgMCE="

_ID: Final = "ver_01m7xfb0wwp2wq86ha0y95nr40"
_ORDINARY: Final = {"channel": "android"}
_MESSAGE_ID: Final = webhook_id(_ID, SEQUENCE_OF_DECISION)
_TEST_ID: Final = "msg_test_01m7xfb0wwp2wq86ha0y95nr40"
_TEST_BODY: Final = body_of_test(NOW * 1000).decode("ascii")


@dataclass(frozen=True)
class Vector:
    """A webhook as a receiver gets it.

    Attributes:
        about: what is special about it.
        accepted: whether a receiver must take it, by `v1` and by `v1a` alike.
        body: its UTF-8 bytes are the body.
    """

    name: str
    about: str
    accepted: bool
    headers: dict[str, str]
    body: str


def public_key(private_key: str = PRIVATE_KEY) -> str:
    """The `whpk_` text of a `whsk_` one."""
    key = parse_key(private_key)
    assert isinstance(key, PrivateKey)  # noqa: S101
    return public_key_text(key.public_key())


def document() -> str:
    """docs/webhook-vectors.json."""
    listed = [
        {
            "name": vector.name,
            "about": vector.about,
            "accepted": vector.accepted,
            "headers": vector.headers,
            "body": vector.body,
        }
        for vector in vectors(NOW)
    ]
    content: dict[str, Any] = {
        "about": "Webhooks to test a verifier against; docs/receivers.md says how.",
        "now": NOW,
        "tolerance_seconds": TOLERANCE_SECONDS,
        "secret": SECRET,
        "private_key": PRIVATE_KEY,
        "public_key": public_key(),
        "vectors": listed,
    }
    return json.dumps(content, indent=2) + "\n"


def vectors(now: int) -> list[Vector]:
    """Every vector for a receiver whose clock shows `now`, seconds since 1970."""
    return _accepted(now) + _changed(now) + _wrongly_signed(now)


def _accepted(now: int) -> list[Vector]:
    ordinary, strange = _body(), _strange_body()
    keys = _keys(SECRET, PRIVATE_KEY)
    during_rotation = _keys(SECRET, OLD_SECRET, PRIVATE_KEY, OLD_PRIVATE_KEY)
    after_the_old_one = _keys(OLD_SECRET, SECRET, OLD_PRIVATE_KEY, PRIVATE_KEY)
    plain = _headers(now, ordinary, keys)
    return [
        _accept("ordinary", "A passed verification with an ASCII reference.", plain, ordinary),
        _accept(
            "non_ascii",
            "Reference and metadata beyond ASCII. The body has them as \\u escapes.",
            _headers(now, strange, keys),
            strange,
        ),
        _accept(
            "whole_number",
            "A score that is a whole number.",
            _headers(now, _body(score=98.0), keys),
            _body(score=98.0),
        ),
        _accept(
            "nothing_optional",
            "An expired verification: no reference, no score, no metadata, no vendor code.",
            _headers(now, _expired_body(), keys),
            _expired_body(),
        ),
        _accept(
            "test",
            "A test that the client asked for: another type, and no verification.",
            _headers(now, _TEST_BODY, keys, _TEST_ID),
            _TEST_BODY,
        ),
        _accept(
            "rotation_current_key_first",
            "Two secrets and two private keys sign; the receiver has the first of each.",
            _headers(now, ordinary, during_rotation),
            ordinary,
        ),
        _accept(
            "rotation_current_key_last",
            "Two secrets and two private keys sign; the receiver has the second of each.",
            _headers(now, ordinary, after_the_old_one),
            ordinary,
        ),
        _accept(
            "unknown_version",
            "A signature of a version that does not exist yet stands before the others.",
            {**plain, "webhook-signature": f"v9,AAAA {plain['webhook-signature']}"},
            ordinary,
        ),
        _accept(
            "two_minutes_old",
            "Signed two minutes ago.",
            _headers(now - 120, ordinary, keys),
            ordinary,
        ),
    ]


def _changed(now: int) -> list[Vector]:
    """What somebody, or the receiver's own framework, did to a good webhook."""
    ordinary, strange = _body(), _strange_body()
    keys = _keys(SECRET, PRIVATE_KEY)
    good, good_strange = _headers(now, ordinary, keys), _headers(now, strange, keys)
    parsed = json.loads(strange)
    return [
        _refuse(
            "tampered_decision",
            "A rejection was made a pass.",
            _headers(now, _body("score_below_threshold", 12.5), keys),
            _body("score_below_threshold", 12.5).replace('"rejected"', '"passed"'),
        ),
        _refuse(
            "tampered_by_one_letter",
            "Another reference.",
            good,
            ordinary.replace("order-1234", "order-1235"),
        ),
        _refuse("line_feed_added", "A line feed was added to the body.", good, ordinary + "\n"),
        _refuse(
            "reserialised_by_javascript",
            "JSON.stringify(JSON.parse(body)) of non_ascii: the escapes became letters.",
            good_strange,
            json.dumps(parsed, ensure_ascii=False, separators=(",", ":")),
        ),
        _refuse(
            "reserialised_with_spaces",
            "Parsed and written again with spaces after commas and colons.",
            good,
            json.dumps(json.loads(ordinary)),
        ),
        _refuse(
            "reserialised_in_another_order",
            "Parsed and written again with sorted keys.",
            good,
            json.dumps(json.loads(ordinary), separators=(",", ":"), sort_keys=True),
        ),
        _refuse(
            "replayed_with_a_new_time",
            "Signed ten minutes ago, and sent again with the time of now.",
            {**_headers(now - 600, ordinary, keys), "webhook-timestamp": str(now)},
            ordinary,
        ),
        _refuse(
            "replayed_with_another_id",
            "Sent again under another id, to pass for a new message.",
            {**good, "webhook-id": webhook_id(_ID, SEQUENCE_OF_DECISION + 1)},
            ordinary,
        ),
        _refuse(
            "signatures_cut",
            "The last four letters of every signature are missing.",
            {
                **good,
                "webhook-signature": " ".join(
                    signature[:-4] for signature in good["webhook-signature"].split(" ")
                ),
            },
            ordinary,
        ),
        _refuse(
            "signatures_of_unknown_version",
            "The right signatures under another version.",
            {
                **good,
                "webhook-signature": " ".join(
                    f"v9,{signature.partition(',')[2]}"
                    for signature in good["webhook-signature"].split(" ")
                ),
            },
            ordinary,
        ),
    ]


def _wrongly_signed(now: int) -> list[Vector]:
    body = _body()
    keys = _keys(SECRET, PRIVATE_KEY)
    others = _keys(OLD_SECRET, OLD_PRIVATE_KEY)
    return [
        _refuse("another_key", "Signed by other keys alone.", _headers(now, body, others), body),
        _refuse("expired", "Signed ten minutes ago.", _headers(now - 600, body, keys), body),
        _refuse("from_the_future", "Signed in ten minutes.", _headers(now + 600, body, keys), body),
    ]


def _accept(name: str, about: str, headers: dict[str, str], body: str) -> Vector:
    return Vector(name, about, True, headers, body)


def _refuse(name: str, about: str, headers: dict[str, str], body: str) -> Vector:
    return Vector(name, about, False, headers, body)


def _keys(*texts: str) -> list[SecretKey | PrivateKey]:
    return [parse_key(text) for text in texts]


def _headers(
    timestamp: int,
    body: str,
    keys: list[SecretKey | PrivateKey],
    message_id: str = _MESSAGE_ID,
) -> dict[str, str]:
    return signed_headers(keys, message_id, timestamp, body.encode())


def _body(reason: str = "passed", score: float = 92.5) -> str:
    return _body_of(reason, "order-1234", _ORDINARY, {"similarity": score}, "Success")


def _strange_body() -> str:
    metadata = {"Straße": 'Größe "XL"', "line": "\u2028", "emoji": "\U0001f600", "name": "王芳"}
    return _body_of("passed", "größe-\U0001f600", metadata, {"similarity": 96.25}, "Success")


def _expired_body() -> str:
    return _body_of("uploads_expired", None, {}, {}, None)


def _body_of(
    reason: str,
    reference: str | None,
    metadata: Mapping[str, str],
    scores: Mapping[str, float],
    vendor_code: str | None,
) -> str:
    decided_at = NOW * 1000
    verification = Verification(
        id=_ID,
        client="shop",
        check="reflect",
        region="ap-singapore",
        created_at=decided_at,
        expires_at=decided_at,
        inputs={},
        threshold=70.0,
        reference=reference,
        metadata=dict(metadata),
        verdict=verdict_of(reason, decided_at, vendor_code, scores),
    )
    return build_body(verification).decode("ascii")
