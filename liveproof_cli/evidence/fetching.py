"""Fetching the evidence of a decision: through the API, or from the bucket."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from liveproof.domain.verification import Verification
from liveproof.evidence.objects import MANIFEST_NAME, manifest_key
from liveproof.ports import Bucket, ObjectMissing
from liveproof_cli.deployments.deployment import Deployment
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.evidence.requests import fetch, fetch_links
from liveproof_cli.loading import load

_MOST_BYTES = 20 * 1024 * 1024
"""Of a frame: the outbound exchange's limit of a response is lower."""


@dataclass(frozen=True)
class Evidence:
    """Files by their names; `missing` says what is not there, and why."""

    files: dict[str, bytes]
    missing: str


def fetch_evidence(deployment: Deployment, verification_id: str, api_key: str | None) -> Evidence:
    """The evidence of a decided verification.

    Args:
        api_key: of its client; None where none was given.

    Raises:
        CannotBeDone: there is no such verification, no decision, or no way to its files.
    """
    verification = load(deployment.records, verification_id)
    key = api_key or deployment.api_key
    if key is None and deployment.bucket is not None:
        return _from_bucket(deployment.bucket, verification)
    if key is None or deployment.api is None:
        raise CannotBeDone(
            f"A key of {verification.client} is needed to fetch files through the API: --api-key"
            " @FILE, or LIVEPROOF_API_KEY in the environment"
        )
    return _through_api(deployment.api, key, verification_id)


def _through_api(api: str, key: str, verification_id: str) -> Evidence:
    links = fetch_links(api, key, verification_id)
    entries = [*([links["manifest"]] if links["manifest"] else []), *links["frames"]]
    files = {_file_name(entry["name"]): fetch(str(entry["url"]), _MOST_BYTES) for entry in entries}
    return Evidence(files, _missing(links["manifest_missing"], links["frames_missing"]))


def _file_name(name: object) -> str:
    """A name in the folder that is written to. Raises CannotBeDone for any other."""
    if not isinstance(name, str) or name in ("", "..") or Path(name).name != name:
        raise CannotBeDone("The API names a file that would lie outside of the folder.")
    return name


def _from_bucket(bucket: Bucket, verification: Verification) -> Evidence:
    if verification.verdict is None:
        raise CannotBeDone(f"{verification.id} is not decided: it is {verification.status.value}")
    files, gone = {}, None
    keys = {}
    manifest = verification.manifest
    if manifest is not None and manifest.missing is None:
        keys[MANIFEST_NAME] = manifest_key(verification)
    frames = verification.evidence.frames if verification.evidence else ()
    keys.update({frame.key.rpartition("/")[2]: frame.key for frame in frames})
    for name, key in keys.items():
        try:
            with bucket.open(key) as stored:
                files[name] = stored.read()
        except ObjectMissing:
            gone = "the bucket has deleted files: their retention time is over"
    why = (manifest.missing if manifest else "not_yet") if MANIFEST_NAME not in keys else None
    frames_missing = verification.evidence.missing if verification.evidence else None
    return Evidence(files, gone or _missing(why, frames_missing))


def _missing(manifest: str | None, frames: str | None) -> str:
    parts = {"manifest": manifest, "frames": frames}
    return ", ".join(f"{name}: {why}" for name, why in parts.items() if why)
