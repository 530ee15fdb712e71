"""What a webhook's signature was made of, as it may have been: each part in its variants."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from liveproof.domain.ids import is_verification_id, webhook_id
from tools.webhooks.bodies import json_object
from tools.webhooks.keys import HmacKey, Key

_TIMESTAMP_SEARCH_SECONDS = 900
_MILLISECONDS_FROM = 10**11
_ENTRY = re.compile(r"(v1a?),([A-Za-z0-9+/=]+)")


class Signature(NamedTuple):
    """An entry of the header: `v1` or `v1a`, and its bytes."""

    version: str
    value: bytes


class Variant(NamedTuple):
    """A part of what was signed, as it may have been; no code for the part as it came."""

    code: str | None
    value: bytes


class KeyVariant(NamedTuple):
    """A key, as a receiver may have read it; no code for the key as it is."""

    code: str | None
    key: Key


@dataclass
class Search:
    """The parts that are combined, each as it came and in its variants."""

    signatures: Sequence[Signature]
    keys: Sequence[KeyVariant]
    ids: Sequence[Variant]
    timestamps: Sequence[Variant]
    bodies: Sequence[Variant]
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


def read_signatures(header: str) -> tuple[list[Signature], bool]:
    """The entries of the header, and whether it is as it was sent."""
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
            signatures.append(Signature(version, base64.b64decode(value, validate=True)))
        except ValueError:
            untouched = False
    return signatures, untouched


def _is_unknown(entry: str) -> bool:
    """An entry of a version that may come one day."""
    return re.fullmatch(r"v(?!1a?,)\w+,\S+", entry) is not None


def id_variants(header: str, body: bytes) -> list[Variant]:
    """The id of the header, and those that the body stands for."""
    variants = [Variant(None, header.encode())]
    data = json_object(body).get("data")
    candidates = [header.strip()]
    if isinstance(data, dict):
        own, sequence = data.get("id"), data.get("sequence")
        if isinstance(own, str):
            if is_verification_id(own) and isinstance(sequence, int):
                candidates.append(webhook_id(own, sequence))
            candidates.append(own)
    return variants + [
        Variant("wrong_id", candidate.encode())
        for candidate in dict.fromkeys(candidates)
        if candidate != header
    ]


def timestamp_variants(header: str) -> list[Variant]:
    """The timestamp of the header, and the whole seconds that it may stand for."""
    variants = [Variant(None, header.encode())]
    text = header.strip()
    candidates = [text]
    if re.fullmatch(r"\d{1,20}(\.\d+)?", text):
        seconds = int(float(text))
        candidates.append(str(seconds))
        if seconds >= _MILLISECONDS_FROM:
            candidates.append(str(seconds // 1000))
    return variants + [
        Variant("timestamp_changed", candidate.encode())
        for candidate in dict.fromkeys(candidates)
        if candidate != header
    ]
