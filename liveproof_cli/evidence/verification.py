"""Checking a signed manifest offline: its signature, and the files that lie beside it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from liveproof.evidence import canonical_json
from liveproof.evidence.manifest import ALGORITHM, FORMAT, SIGNATURE
from liveproof.evidence.objects import MANIFEST_NAME
from liveproof.webhooks.keys import key_id


class _Frame(Struct, frozen=True):
    """A frame as a manifest names it."""

    key: str
    size: int
    md5: str
    sha256: str | None = None


class _Input(Struct, frozen=True):
    """An input as a manifest names it."""

    sha256: str | None = None


class _Named(Struct, frozen=True):
    """The files that a manifest names."""

    frames: tuple[_Frame, ...] = ()
    inputs: dict[str, _Input] = {}


@dataclass(frozen=True)
class TrustedKey:
    """A public key that whoever verifies trusts, and until when it signed; None: no end."""

    public_key: bytes
    not_after: datetime | None = None

    @property
    def id(self) -> str:
        """The name that a manifest has for it."""
        return key_id(self.public_key)


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        check: what was looked at: `manifest`, `key`, `signature`, or a file's name.
        code: stable; `ok` and `not_beside` are no faults.
        detail: for people.
    """

    check: str
    code: str
    detail: str

    @property
    def is_fault(self) -> bool:
        """Whether something is wrong."""
        return self.code not in ("ok", "not_beside", "not_in_manifest")


def verify(manifest: Path, keys: Sequence[TrustedKey]) -> list[Finding]:
    """Every check of a manifest and of the files in its folder.

    Args:
        manifest: the file; its folder may hold the frames and uploads, under any names of theirs.
        keys: one of them must have signed it.

    Raises:
        OSError: the file cannot be read.
    """
    document, fault = _parse(manifest.read_bytes())
    if document is None:
        return [fault]
    try:
        named = msgspec.convert(document, _Named)
    except msgspec.ValidationError as error:
        text = f"its frames or inputs have another form: {error}"
        return [Finding("manifest", "no_manifest", text), _signature(document, keys)]
    findings = [fault, _signature(document, keys)]
    return [*findings, *_files(named, manifest)]


def _parse(content: bytes) -> tuple[dict[str, Any] | None, Finding]:
    try:
        document = json.loads(content, object_pairs_hook=_single)
    except (ValueError, RecursionError):
        return None, Finding("manifest", "not_json", "the file is no JSON, or names a member twice")
    if not isinstance(document, dict) or not isinstance(document.get(SIGNATURE), dict):
        return None, Finding("manifest", "no_manifest", "the file is no signed manifest")
    if document.get("format") != FORMAT:
        text = f"the format is {document.get('format')!r}; this version reads {FORMAT}"
        return None, Finding("manifest", "unknown_format", text)
    decision = document.get("decision")
    what = decision.get("decision") if isinstance(decision, dict) else "no decision"
    return document, Finding("manifest", "ok", f"{document.get('id')}: {what}")


def _single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name comes twice")
    return members


def _signature(document: Mapping[str, Any], keys: Sequence[TrustedKey]) -> Finding:
    signature = document[SIGNATURE]
    if signature.get("algorithm") != ALGORITHM:
        return Finding("signature", "unknown_algorithm", "only Ed25519 is known")
    signer = next((key for key in keys if key.id == signature.get("key_id")), None)
    if signer is None:
        trusted = ", ".join(key.id for key in keys)
        text = f"it was signed with the key {signature.get('key_id')}; you trust {trusted}"
        return Finding("signature", "unknown_key", text)
    try:
        value = base64.b64decode(signature["value"], validate=True)
        rest = {name: value for name, value in document.items() if name != SIGNATURE}
        content = canonical_json.encode(rest)
        Ed25519PublicKey.from_public_bytes(signer.public_key).verify(value, content)
    except (KeyError, TypeError, ValueError):
        return Finding("signature", "malformed", "the signature is no base64 of 64 bytes")
    except InvalidSignature:
        text = "the manifest was changed after it was signed, or signed with another key"
        return Finding("signature", "invalid", text)
    signed_at = _moment(document)
    if signer.not_after is not None and (signed_at is None or signed_at > signer.not_after):
        text = f"the key {signer.id} signed until {signer.not_after.isoformat()} only"
        return Finding("signature", "key_ended", text)
    return Finding("signature", "ok", f"signed with the key {signer.id}")


def _moment(document: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(document["times"]["signed_at"].replace("Z", "+00:00"))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _files(named: _Named, manifest: Path) -> list[Finding]:
    """The frames by their names, the uploads by their hashes."""
    frames = {frame.key.rpartition("/")[2]: frame for frame in named.frames}
    inputs = {file.sha256: name for name, file in named.inputs.items() if file.sha256}
    beside = {path.name: path for path in sorted(manifest.parent.iterdir()) if path.is_file()}
    findings = [
        _file(name, beside[name].read_bytes(), frame)
        if name in beside
        else Finding(name, "not_beside", "the frame does not lie beside the manifest")
        for name, frame in frames.items()
    ]
    for path in beside.values():
        if path.name not in {*frames, manifest.name, MANIFEST_NAME}:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if digest in inputs:
                findings.append(Finding(path.name, "ok", f"the proven file of {inputs[digest]}"))
            else:
                text = "no file of the manifest has these bytes"
                findings.append(Finding(path.name, "not_in_manifest", text))
    return findings


def _file(name: str, content: bytes, frame: _Frame) -> Finding:
    if len(content) != frame.size:
        text = f"it has {len(content)} bytes, and the manifest says {frame.size}"
        return Finding(name, "wrong_size", text)
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != frame.md5:
        return Finding(name, "wrong_md5", "its bytes are not the ones in the manifest")
    if frame.sha256 and hashlib.sha256(content).hexdigest() != frame.sha256:
        return Finding(name, "wrong_sha256", "its bytes are not the ones in the manifest")
    return Finding(name, "ok", "its bytes are the ones in the manifest")
