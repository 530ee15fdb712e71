"""MD5, the vendor's proof that a file is the file."""

import hashlib


def md5(body: bytes) -> str:
    """Lower-case hex."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def same_md5(body: bytes, declared: str) -> bool:
    """Whether `declared` (hex, either case) is the MD5 of `body`."""
    return md5(body) == declared.lower()
