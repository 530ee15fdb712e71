"""Getting the files of a call: by URL or as base64, under the action's caps, and their MD5."""

import asyncio
import base64
import binascii
from dataclasses import dataclass

from liveproof_emulator.actions.call import Call
from liveproof_emulator.actions.downloads import FAILED, NO_URL, TooBigError, region_and_key
from liveproof_emulator.cos.store import md5
from liveproof_emulator.errors import ApiError


@dataclass(frozen=True)
class RemoteFile:
    """A file behind a URL. One of more than `max_bytes` is refused with the code `too_big`."""

    url: str
    max_bytes: int
    too_big: str


def max_bytes_of_base64(characters: int) -> int:
    """How many bytes a file may have whose base64 may have that many characters."""
    return characters // 4 * 3


async def fetch(call: Call, *files: RemoteFile, same_region: bool = True) -> list[bytes]:
    """Download files; their bytes come in the same order.

    Args:
        call: collects the keys of the objects.
        files: the files.
        same_region: a file on COS has to be in the region of the call.

    Raises:
        ApiError: a file cannot be downloaded, is too big, or is in another region.
    """
    for file in files:
        try:
            region, key = region_and_key(file.url)
        except ValueError as problem:
            raise ApiError(FAILED, NO_URL) from problem
        call.resources.append(key)
        if same_region and region is not None and region != call.region:
            raise ApiError(
                call.facts.text("region_mismatch_code"),
                f"The file is in {region}, the call is for {call.region}.",
            )
    results = await asyncio.gather(
        *(call.downloads.fetch(file.url, file.max_bytes) for file in files), return_exceptions=True
    )
    bodies = []
    for file, result in zip(files, results, strict=True):
        if isinstance(result, TooBigError):
            raise ApiError(file.too_big, "The file is too big.")
        if isinstance(result, BaseException):
            raise result
        bodies.append(result)
    return bodies


def decode_base64(call: Call, name: str, text: str, max_characters: int, too_big: str) -> bytes:
    """The bytes of the base64 parameter `name`.

    Raises:
        ApiError: it has more than `max_characters` (code `too_big`), or is not standard base64 with
            padding.
    """
    if len(text) > max_characters:
        raise ApiError(too_big, f"{name} has more than {max_characters} characters.")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise ApiError(call.facts.text("malformed_base64_code"), f"{name}: no base64.") from problem


def verify_md5(call: Call, name: str, body: bytes, declared: str) -> None:
    """ApiError unless `declared` (hex, either case), the parameter `name`, is the body's MD5."""
    if md5(body) != declared.lower():
        raise ApiError(call.facts.text("md5_mismatch_code"), f"{name} is another file's.")
