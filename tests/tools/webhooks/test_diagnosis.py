"""`liveproof webhook verify` finds out why a signature is refused."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import html
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.support.signing import (
    BODY,
    DOCUMENT,
    ID,
    NOW,
    OTHER_SECRET,
    PRIVATE_KEY,
    PUBLIC_BYTES,
    PUBLIC_KEY,
    SECRET,
    signed,
    signed_twice,
    v1a,
)
from tools.webhooks.causes import CAUSES
from tools.webhooks.diagnosis import Diagnosis, diagnose


def judge(
    headers: Mapping[str, str], body: bytes = BODY, *secrets: str, now: float = NOW
) -> Diagnosis:
    return diagnose(headers, body, secrets or (SECRET,), now)


def causes(diagnosis: Diagnosis) -> list[str]:
    return [finding.code for finding in diagnosis.findings]


def hmac_by(key: bytes, body: bytes = BODY) -> dict[str, str]:
    content = f"{ID}.{NOW}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return {**signed(), "webhook-signature": f"v1,{signature}"}


@pytest.mark.parametrize(
    ("headers", "secrets", "versions"),
    [
        (signed(), [SECRET], ("v1",)),
        (signed(), [SECRET.removeprefix("whsec_")], ("v1",)),
        (signed(), [OTHER_SECRET, SECRET], ("v1",)),
        (signed_twice(), [SECRET], ("v1",)),
        (signed_twice(), [PUBLIC_KEY], ("v1a",)),
        (signed_twice(), [SECRET, PUBLIC_KEY], ("v1", "v1a")),
        (signed_twice(), [PRIVATE_KEY], ("v1a",)),
        ({name.title(): value for name, value in signed().items()}, [SECRET], ("v1",)),
        ({**signed(), "webhook-signature": f"v2,new {signed()['webhook-signature']}"}, [SECRET],
         ("v1",)),
    ],
    ids=["v1", "secret without prefix", "one of two secrets", "v1 of both", "v1a of both",
         "both of both", "private key", "names in capitals", "an unknown version"],
)  # fmt: skip
def test_a_webhook_as_it_was_sent_is_valid(
    headers: dict[str, str], secrets: list[str], versions: tuple[str, ...]
) -> None:
    diagnosis = judge(headers, BODY, *secrets)
    assert diagnosis.valid
    assert diagnosis.versions == versions
    assert diagnosis.findings == ()


def written(value: Any, **options: Any) -> bytes:
    return json.dumps(value, **options).encode()


def in_scores(value: float) -> dict[str, Any]:
    return {**DOCUMENT, "data": {**DOCUMENT["data"], "scores": {"similarity": value}}}


COMPACT = {"separators": (",", ":")}
CHANGED_BODIES = {
    "a newline added": (BODY + b"\n", "body_newline"),
    "a Windows newline added": (BODY + b"\r\n", "body_newline"),
    "a byte order mark": (b"\xef\xbb\xbf" + BODY, "body_spaces"),
    "spaces around": (b"  " + BODY + b" ", "body_spaces"),
    "written by Python": (written(DOCUMENT), "body_written_again"),
    "written by JavaScript": (
        written(DOCUMENT, ensure_ascii=False, **COMPACT),
        "body_written_again",
    ),
    "indented": (written(DOCUMENT, indent=2), "body_written_again"),
    "keys sorted": (
        written(
            {
                name: dict(sorted(value.items())) if name == "data" else value
                for name, value in sorted(DOCUMENT.items())
            },
            **COMPACT,
        ),
        "body_written_again",
    ),
    "a fraction": (written(in_scores(98.0), **COMPACT), "body_written_again"),
    "a text in JSON": (written(BODY.decode()), "body_as_text"),
    "str() of bytes": (str(BODY).encode(), "body_as_text"),
    "base64 of a gateway": (base64.b64encode(BODY), "body_base64"),
    "HTML": (html.escape(BODY.decode()).encode(), "body_escaped"),
    "a form": (quote_plus(BODY.decode()).encode(), "body_escaped"),
    "gzip": (gzip.compress(BODY), "body_compressed"),
}


@pytest.mark.parametrize(("body", "code"), CHANGED_BODIES.values(), ids=CHANGED_BODIES.keys())
@pytest.mark.parametrize("secret", [SECRET, PUBLIC_KEY])
def test_a_framework_that_changed_the_body_is_found(body: bytes, code: str, secret: str) -> None:
    diagnosis = judge(signed_twice(), body, secret)
    assert not diagnosis.valid
    assert causes(diagnosis) == [code]
    assert diagnosis.trials[-1] == (code, True)
    assert not any(trial.fits for trial in diagnosis.trials[:-1])
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.decode("utf-8", "replace"), signed())


def test_a_whole_number_that_was_sent_as_a_fraction_is_found() -> None:
    body = written(in_scores(98.0), **COMPACT)
    assert causes(judge(signed(body), written(in_scores(98), **COMPACT))) == ["body_written_again"]


def test_the_answer_warns_of_the_first_reference_that_is_not_ascii() -> None:
    (findings,) = judge(signed(), written(DOCUMENT, ensure_ascii=False, **COMPACT)).findings
    assert "first such reference" in findings.meaning


@pytest.mark.parametrize("text", [SECRET, SECRET.removeprefix("whsec_")])
def test_a_secret_used_as_text_is_found(text: str) -> None:
    assert causes(judge(hmac_by(text.encode()))) == ["secret_as_text"]


def test_a_public_key_that_was_taken_for_a_secret_is_found() -> None:
    disguised = "whsec_" + base64.b64encode(PUBLIC_BYTES).decode()
    assert causes(judge(signed_twice(), BODY, disguised)) == ["public_key_as_secret"]


@pytest.mark.parametrize("now", [NOW + 301, NOW - 301, NOW + 90_000])
def test_a_clock_is_found_although_the_signature_is_right(now: int) -> None:
    diagnosis = judge(signed(), now=now)
    assert causes(diagnosis) == ["clock"]
    assert diagnosis.versions == ("v1",)


@pytest.mark.parametrize("now", [NOW + 300, NOW - 300])
def test_five_minutes_are_not_too_far(now: int) -> None:
    assert judge(signed(), now=now).valid


def test_a_clock_in_local_time_is_named_as_such() -> None:
    (findings,) = judge(signed(), now=NOW + 8 * 3600 + 5).findings
    assert "8 h old" in findings.meaning
    assert "time zone" in findings.meaning


@pytest.mark.parametrize("identifier", ["ver_01m7xfb0wwp2wq86ha0y95nr40", "msg_other", f"{ID} "])
def test_a_wrong_id_is_found(identifier: str) -> None:
    assert causes(judge({**signed(), "webhook-id": identifier})) == ["wrong_id"]


def test_an_own_timestamp_in_place_of_the_header_is_found() -> None:
    (findings,) = judge({**signed(), "webhook-timestamp": str(NOW + 7)}).findings
    assert findings.code == "timestamp_changed"
    assert str(NOW) in findings.meaning


def test_a_timestamp_in_milliseconds_is_found() -> None:
    diagnosis = judge({**signed(), "webhook-timestamp": f"{NOW}000"})
    assert causes(diagnosis) == ["timestamp_changed"]


def test_another_secret_is_named_when_the_body_looks_untouched() -> None:
    diagnosis = judge(signed(), BODY, OTHER_SECRET)
    assert causes(diagnosis) == ["wrong_secret"]
    tried = {trial.code for trial in diagnosis.trials}
    assert {"secret_as_text", "body_newline", "wrong_id", "timestamp_changed"} <= tried
    assert not any(trial.fits for trial in diagnosis.trials)


def test_another_secret_is_proven_by_the_public_key() -> None:
    diagnosis = judge(signed_twice(), BODY, OTHER_SECRET, PUBLIC_KEY)
    assert causes(diagnosis) == ["wrong_secret"]
    assert "v1a proves all the rest" in diagnosis.findings[0].meaning


@pytest.mark.parametrize(
    "body",
    [
        BODY.replace(b"verification.passed", b"verification.rejected"),
        BODY.replace(b'"decision":"passed"', b'"decision":"rejected"'),
        BODY.replace(b"2026-11-20T09", b"2026-11-20T10", 1),
        BODY.replace(b"ver_01m7xfb0", b"ver_01m7xfb1"),
    ],
)
def test_a_body_that_contradicts_itself_was_changed(body: bytes) -> None:
    assert causes(judge(signed(), body)) == ["body_changed"]


def test_a_changed_body_in_another_form_is_not_blamed_on_the_secret() -> None:
    body = written(in_scores(12.5), indent=1)
    assert causes(judge(signed(), body)) == ["unexplained"]


def test_two_causes_together_are_both_named() -> None:
    headers = {**signed(), "webhook-id": "ver_01m7xfb0wwp2wq86ha0y95nr40"}
    assert causes(judge(headers, BODY + b"\n")) == ["wrong_id", "body_newline"]
    late = judge(signed(), BODY + b"\n", now=NOW + 3600)
    assert causes(late) == ["body_newline", "clock"]


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(name: str) -> None:
    headers = {key: value for key, value in signed().items() if key != name}
    diagnosis = judge(headers)
    assert not diagnosis.valid
    assert diagnosis.findings[0].code == "headers_missing"
    assert diagnosis.findings[0].meaning.endswith(f"Missing: {name}.")


@pytest.mark.parametrize(
    "changed",
    [
        lambda entry: f'"{entry}"',
        lambda entry: entry.removeprefix("v1,"),
        lambda entry: entry.replace("v1,", "sha256="),
        lambda entry: f"{entry}, v1,AAAA",
    ],
)
def test_a_signature_header_that_was_rewritten_is_found(changed: Any) -> None:
    headers = signed()
    headers["webhook-signature"] = changed(headers["webhook-signature"])
    assert causes(judge(headers)) == ["signature_unreadable"]


def test_a_header_that_is_no_signature_at_all_is_named() -> None:
    assert causes(judge({**signed(), "webhook-signature": "Bearer ??"})) == ["signature_unreadable"]


@pytest.mark.parametrize(
    ("headers", "secret"),
    [(signed(), PUBLIC_KEY), ({**signed(), "webhook-signature": v1a()}, SECRET)],
)
def test_a_key_of_another_version_than_the_signatures_is_named(
    headers: dict[str, str], secret: str
) -> None:
    # A public key of 32 bytes may hide in a secret, so v1a is tried with it as well.
    assert causes(judge(headers, BODY, secret))[0] in ("no_signature_for_key", "wrong_secret")


@pytest.mark.parametrize(
    "secret", ["whsec_!!!", "whsec_AAAA", "whpk_AAAA", "whsk_AAAA", SECRET.replace("A", "-")]
)
def test_a_secret_that_is_none_is_named_and_not_shown(secret: str) -> None:
    diagnosis = judge(signed(), BODY, secret)
    assert "key_unusable" in causes(diagnosis)
    assert all(secret[6:] not in finding.meaning for finding in diagnosis.findings)


def test_an_empty_body_was_read_by_somebody_else() -> None:
    assert causes(judge(signed(), b"")) == ["body_empty"]


def test_hostile_bodies_end_in_an_answer() -> None:
    for body in (b"[" * 60_000, b"\x1f\x8b" + b"\0" * 50, b"b'" + b"\\" * 5, b"\xff\xfe", b"1e999"):
        assert not judge(signed(), body).valid


def test_every_cause_has_a_meaning_and_an_advice() -> None:
    for cause in CAUSES.values():
        assert cause.meaning.endswith(".")
        assert cause.advice.endswith(".")
