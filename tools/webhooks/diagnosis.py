"""Whether a webhook's signature is valid, and if not, why: the usual causes, tried one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from liveproof.domain.ids import is_verification_id, webhook_id
from tools.webhooks.bodies import is_as_liveproof_writes, json_object, original_bodies
from tools.webhooks.causes import CAUSES
from tools.webhooks.keys import KeyUnusable, misread_keys, parse_key
from tools.webhooks.variants import (
    KeyVariant,
    Search,
    Variant,
    id_variants,
    read_signatures,
    timestamp_variants,
)

TOLERANCE_SECONDS = 300
"""How far a timestamp may be from now, in the standard's libraries."""

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


class Finding(NamedTuple):
    """A cause that fits. `detail` adds what was seen; it may be empty."""

    code: str
    detail: str = ""

    @property
    def meaning(self) -> str:
        """In plain words."""
        return f"{CAUSES[self.code].meaning} {self.detail}".rstrip()

    @property
    def advice(self) -> str:
        """What to do."""
        return CAUSES[self.code].advice

    def document(self) -> dict[str, str]:
        """As JSON."""
        return {"code": self.code, "meaning": self.meaning, "advice": self.advice}


class Trial(NamedTuple):
    """A cause that was tried."""

    code: str
    fits: bool


@dataclass(frozen=True)
class Diagnosis:
    """What was seen.

    Attributes:
        valid: a signature matches, and the timestamp is of now.
        versions: those of the signatures that match as they are.
        findings: why it is not valid; one, unless several causes fit together.
        trials: what was tried, in order.
    """

    valid: bool
    versions: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    trials: tuple[Trial, ...] = ()


def diagnose(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    now: float,
    tolerance: float = TOLERANCE_SECONDS,
) -> Diagnosis:
    """Judge a webhook as its receiver would, and find out why it would be refused.

    Args:
        headers: of the request; case does not matter.
        secrets: `whsec_`, `whpk_` or `whsk_`; one that matches is enough.
        now: when it arrived (seconds since 1970).
        tolerance: seconds that its timestamp may be from `now`.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    findings = []
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not lower.get(name, "").strip()]
    if missing:
        findings.append(Finding("headers_missing", f"Missing: {', '.join(missing)}."))
    keys, unusable = _keys(secrets)
    findings += unusable
    signatures, untouched = read_signatures(lower.get(SIGNATURE, ""))
    if not signatures and SIGNATURE not in missing:
        findings.append(Finding("signature_unreadable"))
    if not body:
        findings.append(Finding("body_empty"))
    if SIGNATURE in missing or not signatures or not keys or not body:
        return Diagnosis(False, findings=tuple(findings))
    if not {key.key.version for key in keys} & {entry.version for entry in signatures}:
        offered = ", ".join(sorted({entry.version for entry in signatures}))
        findings.append(Finding("no_signature_for_key", f"The header has {offered}."))
        return Diagnosis(False, findings=tuple(findings))
    search = Search(
        signatures,
        keys,
        id_variants(lower.get(ID, ""), body),
        timestamp_variants(lower.get(TIMESTAMP, "")),
        [Variant(None, body), *(Variant(*candidate) for candidate in original_bodies(body))],
    )
    if not untouched:
        findings.append(Finding("signature_unreadable"))
    versions = search.matching_versions()
    if versions:
        findings += _other_versions(search, versions)
    else:
        causes = search.causes()
        if causes is None:
            findings += _unexplained(search, lower, body)
            return Diagnosis(False, (), tuple(findings), _trials(search))
        findings += [_finding(code, lower, body) for code in causes]
    findings += _clock(lower.get(TIMESTAMP, ""), now, tolerance)
    return Diagnosis(not findings, versions, tuple(findings), _trials(search))


def _trials(search: Search) -> tuple[Trial, ...]:
    return tuple(Trial(code, fits) for code, fits in search.trials.items())


def _other_versions(search: Search, versions: Sequence[str]) -> Iterator[Finding]:
    """Keys that do not match although another version proves everything else."""
    offered = {entry.version for entry in search.signatures}
    for version in ("v1", "v1a"):
        keys = [variant for variant in search.keys if variant.key.version == version]
        if version in offered and version not in versions and any(k.code is None for k in keys):
            proof = " and ".join(versions)
            detail = f"It has not made the {version} signature; {proof} proves all the rest."
            yield Finding("wrong_secret", detail)


def _keys(secrets: Sequence[str]) -> tuple[list[KeyVariant], list[Finding]]:
    exact, misread, findings = [], [], []
    for secret in secrets:
        try:
            exact.append(KeyVariant(None, parse_key(secret)))
        except KeyUnusable as error:
            findings.append(Finding("key_unusable", f"{str(error).capitalize()}."))
        misread += [KeyVariant(code, key) for code, key in misread_keys(secret)]
    return [*exact, *misread], findings


def _finding(code: str, headers: Mapping[str, str], body: bytes) -> Finding:
    if code == "wrong_id":
        return Finding(code, f"The header says {headers.get(ID, '')!r}.")
    if code == "body_written_again" and not body.isascii():
        return Finding(
            code,
            "It has letters that liveproof sends as \\u escapes, so a receiver that writes JSON"
            " again fails at the first such reference.",
        )
    return Finding(code)


def _unexplained(search: Search, headers: Mapping[str, str], body: bytes) -> Iterator[Finding]:
    """What can be said when no variant fits."""
    timestamp = headers.get(TIMESTAMP, "")
    if re.fullmatch(r"\d{1,11}", timestamp):
        signed = search.signed_timestamp(int(timestamp))
        search.trials["timestamp_changed"] = signed is not None
        if signed is not None:
            yield Finding("timestamp_changed", f"It was made for {signed}, not {timestamp}.")
            return
    message = json_object(body)
    contradiction = _contradiction(message, headers.get(ID, ""))
    if contradiction:
        yield Finding("body_changed", contradiction)
    elif is_as_liveproof_writes(body):
        yield Finding(
            "wrong_secret", "The body looks untouched; a changed value in it cannot be ruled out."
        )
    else:
        yield Finding("unexplained")


def _contradiction(message: Mapping[str, object], identifier: str) -> str:
    """What in a decision's body contradicts itself, or the id."""
    data = message.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("decision"), str):
        return ""
    if message.get("type") != f"verification.{data['decision']}":
        return "Its type and its decision contradict each other."
    if message.get("timestamp") != data.get("decided_at"):
        return "Its timestamp and decided_at contradict each other."
    own, sequence = data.get("id"), data.get("sequence")
    if (
        isinstance(own, str)
        and is_verification_id(own)
        and isinstance(sequence, int)
        and identifier != webhook_id(own, sequence)
    ):
        return "It is the body of another message than webhook-id says."
    return ""


def _clock(timestamp: str, now: float, tolerance: float) -> Iterator[Finding]:
    if not re.fullmatch(r"\d{1,11}", timestamp):
        return
    late = now - int(timestamp)
    if abs(late) <= tolerance:
        return
    detail = f"It is {_duration(abs(late))} {'old' if late > 0 else 'in the future'}."
    quarters = round(abs(late) / 900)
    if quarters and abs(abs(late) - quarters * 900) < 60 and quarters <= 4 * 14:
        detail += " That is a time zone, if your clock is set to local time."
    yield Finding("clock", detail)


def _duration(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
