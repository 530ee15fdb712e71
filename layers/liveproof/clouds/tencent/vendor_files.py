"""Files that the vendor reads from the deployment's own bucket, in its own region."""

from __future__ import annotations

from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.ports import Clock, Source

_LIFETIME_MS = 5 * 60 * 1000
"""How long the vendor may read a file: the wait for the call's slot and the call itself are over
well before. The URL dies with the function's temporary key even sooner."""


class BucketFiles:
    """Presigned GET URLs instead of CreateUploadUrl.

    A URL cannot name an ETag. So the object is looked at right before, and the URL names the proven
    version where the bucket has versions. Between that look and the vendor's own download only the
    vendor's MD5 parameters hold it to the proven bytes: an API without them takes the relay.
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
