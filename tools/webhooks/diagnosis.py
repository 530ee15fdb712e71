"""Whether a webhook's signature is valid, and if not, why: the usual causes, tried one by one."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from liveproof.domain.ids import is_verification_id, webhook_id
from tools.webhooks.bodies import is_as_liveproof_writes, json_object, original_bodies
from tools.webhooks.causes import CAUSES
from tools.webhooks.keys import HmacKey, Key, KeyUnusable, misread_keys, parse_key

TOLERANCE_SECONDS = 300
"""How far a timestamp may be from now, in the standard's libraries."""

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

_TIMESTAMP_SEARCH_SECONDS = 900
_MILLISECONDS_FROM = 10**11
_ENTRY = re.compile(r"(v1a?),([A-Za-z0-9+/=]+)")


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


class _Signature(NamedTuple):
    version: str
    value: bytes


class _Variant(NamedTuple):
    """A part of what was signed, as it may have been; no code for the part as it came."""

    code: str | None
    value: bytes


class _KeyVariant(NamedTuple):
    code: str | None
    key: Key


@dataclass
class _Search:
    """The parts that are combined, each as it came and in its variants."""

    signatures: Sequence[_Signature]
    keys: Sequence[_KeyVariant]
    ids: Sequence[_Variant]
    timestamps: Sequence[_Variant]
    bodies: Sequence[_Variant]
    trials: dict[str, bool] = field(default_factory=dict)

    def causes(self) -> tuple[str, ...] | None:
        """The fewest changes that explain the signatures: none if they match; None if nothing does.

        One change at a time first, then several together.
        """
        combinations = sorted(
            product(self.keys, self.ids, self.timestamps, self.bodies),
            key=lambda parts: sum(part.code is not None for part in parts),
        )
        for key, identifier, timestamp, body in combinations:
            codes = [part.code for part in (key, identifier, timestamp, body)]
            causes = tuple(code for code in codes if code is not None)
            content = b".".join((identifier.value, timestamp.value, body.value))
            fits = self._fits(key.key, content)
            if len(causes) == 1:
                self.trials[causes[0]] = self.trials.get(causes[0], False) or fits
            if fits:
                return causes
        return None

    def matching_versions(self) -> tuple[str, ...]:
        """The versions of the signatures that match with everything as it came."""
        content = b".".join((self.ids[0].value, self.timestamps[0].value, self.bodies[0].value))
        return tuple(
            version
            for version in ("v1", "v1a")
            if any(
                self._fits(variant.key, content)
                for variant in self.keys
                if variant.code is None and variant.key.version == version
            )
        )

    def signed_timestamp(self, around: int) -> int | None:
        """The timestamp near this one that was signed with everything else as it came."""
        body = self.bodies[0]
        secrets = [
            variant.key
            for variant in self.keys
            if variant.code is None and isinstance(variant.key, HmacKey)
        ]
        for distance in range(1, _TIMESTAMP_SEARCH_SECONDS + 1):
            for second in (around - distance, around + distance):
                content = b".".join((self.ids[0].value, str(second).encode(), body.value))
                if any(self._fits(secret, content) for secret in secrets):
                    return second
        return None

    def _fits(self, key: Key, content: bytes) -> bool:
        return any(
            key.has_signed(content, signature.value)
            for signature in self.signatures
            if signature.version == key.version
        )


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
    signatures, untouched = _signatures(lower.get(SIGNATURE, ""))
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
    search = _Search(
        signatures,
        keys,
        _ids(lower.get(ID, ""), body),
        _timestamps(lower.get(TIMESTAMP, "")),
        [_Variant(None, body), *(_Variant(*candidate) for candidate in original_bodies(body))],
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


def _trials(search: _Search) -> tuple[Trial, ...]:
    return tuple(Trial(code, fits) for code, fits in search.trials.items())


def _other_versions(search: _Search, versions: Sequence[str]) -> Iterator[Finding]:
    """Keys that do not match although another version proves everything else."""
    offered = {entry.version for entry in search.signatures}
    for version in ("v1", "v1a"):
        keys = [variant for variant in search.keys if variant.key.version == version]
        if version in offered and version not in versions and any(k.code is None for k in keys):
            proof = " and ".join(versions)
            detail = f"It has not made the {version} signature; {proof} proves all the rest."
            yield Finding("wrong_secret", detail)


def _keys(secrets: Sequence[str]) -> tuple[list[_KeyVariant], list[Finding]]:
    exact, misread, findings = [], [], []
    for secret in secrets:
        try:
            exact.append(_KeyVariant(None, parse_key(secret)))
        except KeyUnusable as error:
            findings.append(Finding("key_unusable", f"{str(error).capitalize()}."))
        misread += [_KeyVariant(code, key) for code, key in misread_keys(secret)]
    return [*exact, *misread], findings


def _signatures(header: str) -> tuple[list[_Signature], bool]:
    """The header's entries, and whether it is as it was sent."""
    entries = header.split(" ")
    untouched = all(_ENTRY.fullmatch(entry) for entry in entries if not _is_unknown(entry))
    parts = _ENTRY.findall(header)
    if not parts and (bare := header.strip().strip("\"'")):
        parts = [
            ("v1", bare.removeprefix("v1=").removeprefix("sha256="))
        ]  # its version was cut off
    signatures = []
    for version, value in parts:
        try:
            signatures.append(_Signature(version, base64.b64decode(value, validate=True)))
        except ValueError:
            untouched = False
    return signatures, untouched


def _is_unknown(entry: str) -> bool:
    """An entry of a version that may come one day."""
    return re.fullmatch(r"v(?!1a?,)\w+,\S+", entry) is not None


def _ids(header: str, body: bytes) -> list[_Variant]:
    variants = [_Variant(None, header.encode())]
    data = json_object(body).get("data")
    candidates = [header.strip()]
    if isinstance(data, dict):
        own, sequence = data.get("id"), data.get("sequence")
        if isinstance(own, str):
            if is_verification_id(own) and isinstance(sequence, int):
                candidates.append(webhook_id(own, sequence))
            candidates.append(own)
    return variants + [
        _Variant("wrong_id", candidate.encode())
        for candidate in dict.fromkeys(candidates)
        if candidate != header
    ]


def _timestamps(header: str) -> list[_Variant]:
    variants = [_Variant(None, header.encode())]
    text = header.strip()
    candidates = [text]
    if re.fullmatch(r"\d{1,20}(\.\d+)?", text):
        seconds = int(float(text))
        candidates.append(str(seconds))
        if seconds >= _MILLISECONDS_FROM:
            candidates.append(str(seconds // 1000))
    return variants + [
        _Variant("timestamp_changed", candidate.encode())
        for candidate in dict.fromkeys(candidates)
        if candidate != header
    ]


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


def _unexplained(search: _Search, headers: Mapping[str, str], body: bytes) -> Iterator[Finding]:
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
