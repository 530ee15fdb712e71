"""How a request to a vendor fails. No text holds a URL, a secret or bytes.

VendorError
├── NotSent          nothing reached the vendor: the request may be made again
├── KeyReplaced      the vendor refused a key that is not the secret's any more: make it again
├── OutcomeUnknown   the request left, no usable answer came: it may have been billed
├── VendorRefused    the vendor answered a free request with an error code
└── RelayFailed      bytes could not be brought to or from the vendor's storage
"""

from __future__ import annotations


class VendorError(Exception):
    """A vendor request failed; the text says how."""


class NotSent(VendorError):
    """Nothing reached the vendor."""


class KeyReplaced(VendorError):
    """The vendor refused the key, nothing was executed, and the secret has another key now.

    Attributes:
        code: the vendor's code.
        request_id: the vendor's id of the request.
    """

    def __init__(self, code: str, request_id: str | None) -> None:
        super().__init__(f"the vendor answered {code} to a key that was replaced")
        self.code = code
        self.request_id = request_id


class OutcomeUnknown(VendorError):
    """The request left; whether it was executed is unknown."""


class VendorRefused(VendorError):
    """The vendor answered with an error.

    Attributes:
        code: the vendor's code.
        request_id: the vendor's id of the request, where it gave one.
    """

    def __init__(self, code: str, request_id: str | None) -> None:
        super().__init__(f"the vendor answered {code}")
        self.code = code
        self.request_id = request_id


class RelayFailed(VendorError):
    """Bytes could not be brought to or from the vendor's storage."""
