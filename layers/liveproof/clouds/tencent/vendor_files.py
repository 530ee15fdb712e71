"""Files that the vendor reads from the deployment's own bucket, in its own region."""

from __future__ import annotations

from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.ports import Clock, Source

_LIFETIME_MS = 5 * 60 * 1000
"""The validity of a URL: longer than the wait for the call's slot and the call together. The URL
expires earlier if the function's temporary key does."""


class BucketFiles:
    """Presigned GET URLs instead of CreateUploadUrl.

    A URL cannot name an ETag. So the object's ETag is checked right before, and the URL names the
    proven version where the bucket has versions. Between this check and the vendor's download, only
    the MD5 parameters of the vendor's API bind it to the proven bytes: for an API without them the
    files are relayed.
    """

    relays = False

    def __init__(self, bucket: CosBucket, clock: Clock) -> None:
        self._bucket = bucket
        self._clock = clock

    def url_for(self, target_action: str, source: Source, timeout: float) -> str:
        """The file's URL, the same for every action. See `FileAccess`."""
        self._bucket.require(source.key, source.proof)
        now = self._clock.now()
        return self._bucket.presign_get(source.key, source.proof, now, now + _LIFETIME_MS)
