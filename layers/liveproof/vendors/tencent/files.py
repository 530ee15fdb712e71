"""How Face ID gets at the files that it judges."""

from __future__ import annotations

from typing import Protocol

from liveproof.ports import Source


class VendorFiles(Protocol):
    """Files under URLs that the vendor can read, in the region of the call."""

    @property
    def relays(self) -> bool:
        """Whether each file takes a CreateUploadUrl."""

    def url_of(self, target_action: str, source: Source, timeout: float) -> str:
        """The URL under which `target_action` may read a proven file. It grants access.

        Args:
            timeout: seconds for the whole of it.

        Raises:
            VendorError: the file could not be brought to the vendor.
            ObjectMissing, ObjectReplaced, ObjectUnreadable: the proven file is not in the bucket,
                or not as it was proven.
        """
