"""Where the signed manifest lies in the bucket, and as what."""

from __future__ import annotations

MANIFEST_TYPE = "application/json"
MANIFEST_NAME = "manifest.json"


def manifest_key(verification_id: str) -> str:
    """Where a verification's manifest lies in the bucket."""
    return f"evidence/{verification_id}/{MANIFEST_NAME}"
