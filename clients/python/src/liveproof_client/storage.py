"""What an answer of the bucket means, on S3 and on COS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class Meaning(Enum):
    """The meaning of an answer."""

    STORED = "the bucket has the file"
    EXISTS = "an earlier attempt arrived, and its answer was lost"
    CONFLICT = "another operation on the object at the same moment"
    WRONG_BYTES = "the bytes are not those of the MD5"
    WRONG_HEADERS = "the headers or the URL are not those of the signature"
    STALE_URL = "the URL, or the key that signed it, has expired, or a clock is wrong"
    CUT_OFF = "the connection stalled before the last byte"
    UNAVAILABLE = "the bucket has a fault, or too much to do"
    UNKNOWN = "none of the others"


_BY_CODE = {
    "PreconditionFailed": Meaning.EXISTS,
    "FileAlreadyExists": Meaning.EXISTS,
    "BadDigest": Meaning.WRONG_BYTES,
    "InvalidDigest": Meaning.WRONG_HEADERS,
    "SignatureDoesNotMatch": Meaning.WRONG_HEADERS,
    "MissingContentLength": Meaning.WRONG_HEADERS,
    "RequestTimeTooSkewed": Meaning.STALE_URL,
    "ExpiredToken": Meaning.STALE_URL,
    "InvalidToken": Meaning.STALE_URL,
    "IncompleteBody": Meaning.CUT_OFF,
    "RequestTimeout": Meaning.CUT_OFF,
    "EntitySizeNotMatch": Meaning.CUT_OFF,
}
_CODE = re.compile(r"<Code>([^<]{1,100})</Code>")


@dataclass(frozen=True)
class StorageAnswer:
    """An answer of the bucket; `text` is XML when it is an error."""

    status: int
    text: str

    @property
    def code(self) -> str | None:
        """The `Code` of an error."""
        found = _CODE.search(self.text)
        return found[1].strip() if found else None

    @property
    def meaning(self) -> Meaning:
        """By the code, then by the status."""
        if 200 <= self.status < 300:
            return Meaning.STORED
        by_code = _BY_CODE.get(self.code or "")
        if by_code is not None:
            return by_code
        if self.status == 412:
            return Meaning.EXISTS
        if self.status == 409:
            return Meaning.CONFLICT
        if self.status == 403:
            unsigned = "HeadersNotSigned" in self.text or "not signed" in self.text
            return Meaning.WRONG_HEADERS if unsigned else Meaning.STALE_URL
        if self.code == "InvalidArgument" and "auth mechanism" in self.text:
            return Meaning.WRONG_HEADERS
        if self.status in (408, 429) or self.status >= 500:
            return Meaning.UNAVAILABLE
        return Meaning.UNKNOWN
