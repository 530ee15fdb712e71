"""Reading what was posted: a form, or for the one endpoint with a raw file a multipart one."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from liveproof_emulator.senseid.catalogue import FACTS, Endpoint

# A body over the cap is read on to its end, so that the caller gets the answer and not a reset.
_DRAIN_BYTES = 256 * 1024 * 1024
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_FLAGS = {"true": True, "false": False}


class StatusError(Exception):
    """Answered with a bare HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ArgumentError(Exception):
    """An argument is missing or wrong; the text says which."""


@dataclass(frozen=True)
class Sent:
    """The fields of a form; what came as a file is bytes."""

    fields: Mapping[str, str | bytes]

    def text(self, name: str) -> str:
        """A field that has to be there. ArgumentError if it is missing, empty, or a file."""
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise ArgumentError(f"{name} is missing")
        return value

    def file(self, name: str) -> bytes:
        """A raw file that has to be there. ArgumentError if it is missing or empty."""
        value = self.fields.get(name)
        if not isinstance(value, bytes) or not value:
            raise ArgumentError(f"{name} is missing, or no file")
        return value

    def flag(self, name: str) -> bool:
        """true or false; false if left out. ArgumentError for anything else."""
        value = self.fields.get(name, "false")
        if not isinstance(value, str) or value.lower() not in _FLAGS:
            raise ArgumentError(f"{name} is true or false")
        return _FLAGS[value.lower()]


async def read(request: web.Request, endpoint: Endpoint) -> Sent:
    """The form.

    Raises:
        StatusError: 411 without a length, 413 over the cap.
        ArgumentError: it is no form, or not of the endpoint's kind.
    """
    if request.content_length is None:
        await drain(request)
        raise StatusError(411)
    if request.content_length > FACTS.integer("largest_body_bytes"):
        await drain(request)
        raise StatusError(413)
    wanted = _FORM if endpoint.file is None else _MULTIPART
    if request.content_type != wanted:
        await drain(request)
        raise ArgumentError(f"the body is no {wanted}")
    if endpoint.file is None:
        return Sent(dict(parse_qsl((await _whole(request)).decode("latin-1"), True)))
    try:
        return Sent(await _parts(request, endpoint.file))
    except (ValueError, AssertionError) as problem:
        await drain(request)
        raise ArgumentError("the multipart body cannot be read") from problem


async def _parts(request: web.Request, file: str) -> dict[str, str | bytes]:
    found: dict[str, str | bytes] = {}
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        body = getattr(part, "read", None)
        name = getattr(part, "name", None)
        if body is None or name is None:
            raise ValueError("a part without a name")
        raw = bytes(await body())
        found[name] = raw if name == file else raw.decode("latin-1")
    return found


async def _whole(request: web.Request) -> bytes:
    return b"".join([part async for part in request.content.iter_chunked(65536)])


async def drain(request: web.Request) -> None:
    """Read the body on and forget it."""
    size = 0
    async for part in request.content.iter_chunked(65536):
        size += len(part)
        if size > _DRAIN_BYTES:
            break
