"""A call's files: fetched by URL or given as base64, under the action's caps, and proven."""

import asyncio
import base64
import binascii
from dataclasses import dataclass

from liveproof_emulator.call import Call
from liveproof_emulator.digest import same_md5
from liveproof_emulator.downloads import FAILED, NO_URL, TooBigError, resource
from liveproof_emulator.errors import ApiError


@dataclass(frozen=True)
class Remote:
    """A file behind a URL: at most `largest` bytes, or the code `too_big`."""

    url: str
    largest: int
    too_big: str


def raw_bytes(encoded: int) -> int:
    """How many bytes a file may have whose base64 may have `encoded` characters."""
    return encoded // 4 * 3


async def fetch(call: Call, *wanted: Remote, pinned: bool = True) -> list[bytes]:
    """The bytes of every file, in the order asked for.

    Args:
        call: gets the object keys.
        wanted: the files.
        pinned: the files have to be in the region of the call.

    Raises:
        ApiError: a file cannot be had, is too big, or is in another region.
    """
    for each in wanted:
        try:
            region, key = resource(each.url)
        except ValueError as problem:
            raise ApiError(FAILED, NO_URL) from problem
        call.resources.append(key)
        if pinned and region is not None and region != call.region:
            raise ApiError(
                call.facts.text("region_mismatch_code"),
                f"The file is in {region}, the call is for {call.region}.",
            )
    results = await asyncio.gather(
        *(call.downloads.fetch(each.url, each.largest) for each in wanted), return_exceptions=True
    )
    bodies = []
    for each, result in zip(wanted, results, strict=True):
        if isinstance(result, TooBigError):
            raise ApiError(each.too_big, "The file is too big.")
        if isinstance(result, BaseException):
            raise result
        bodies.append(result)
    return bodies


def decoded(call: Call, name: str, text: str, largest: int, too_big: str) -> bytes:
    """The bytes of the base64 parameter `name`, which may have `largest` characters.

    Raises:
        ApiError: it is too long, or not standard base64 with padding.
    """
    if len(text) > largest:
        raise ApiError(too_big, f"{name} has more than {largest} characters.")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise ApiError(call.facts.text("malformed_base64_code"), f"{name}: no base64.") from problem


def prove(call: Call, name: str, body: bytes, declared: str) -> None:
    """ApiError unless `declared`, the parameter `name`, is the MD5 of `body`."""
    if not same_md5(body, declared):
        raise ApiError(call.facts.text("md5_mismatch_code"), f"{name} is another file's.")
