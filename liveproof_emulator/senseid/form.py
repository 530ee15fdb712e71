"""Reading a posted form. The endpoint with a raw file takes multipart, the others urlencoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from liveproof_emulator.requests import discard_body, read_body
from liveproof_emulator.senseid.catalogue import FACTS, Endpoint

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_FLAGS = {"true": True, "false": False}


class StatusError(Exception):
    """The answer is an HTTP status without a code."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ArgumentError(Exception):
    """An argument is missing or wrong. The text is for the caller."""


@dataclass(frozen=True)
class FormFields:
    """The fields of a form. A file is bytes, anything else is text."""

    values: Mapping[str, str | bytes]

    def text(self, name: str) -> str:
        """A required text. ArgumentError if it is missing, empty, or a file."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            raise ArgumentError(f"{name} is missing")
        return value

    def file(self, name: str) -> bytes:
        """A required raw file. ArgumentError if it is missing, empty, or no file."""
        value = self.values.get(name)
        if not isinstance(value, bytes) or not value:
            raise ArgumentError(f"{name} is missing, or no file")
        return value

    def flag(self, name: str) -> bool:
        """An optional true or false; without it False. ArgumentError for anything else."""
        value = self.values.get(name, "false")
        if not isinstance(value, str) or value.lower() not in _FLAGS:
            raise ArgumentError(f"{name} is true or false")
        return _FLAGS[value.lower()]


async def read_form(request: web.Request, endpoint: Endpoint) -> FormFields:
    """The form.

    Raises:
        StatusError: 411 without a Content-Length, 413 over the cap.
        ArgumentError: it is no form, or not the kind of form that the endpoint takes.
    """
    if request.content_length is None:
        await discard_body(request)
        raise StatusError(411)
    max_bytes = FACTS.integer("largest_body_bytes")
    if request.content_length > max_bytes:
        await discard_body(request)
        raise StatusError(413)
    content_type = _FORM if endpoint.file is None else _MULTIPART
    if request.content_type != content_type:
        await discard_body(request)
        raise ArgumentError(f"the body is no {content_type}")
    if endpoint.file is None:
        body = await read_body(request.content, max_bytes) or b""
        return FormFields(dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True)))
    try:
        return FormFields(await _parts(request, endpoint.file))
    except (ValueError, AssertionError) as problem:
        await discard_body(request)
        raise ArgumentError("the multipart body cannot be read") from problem


async def _parts(request: web.Request, file: str) -> dict[str, str | bytes]:
    fields: dict[str, str | bytes] = {}
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        body = getattr(part, "read", None)
        name = getattr(part, "name", None)
        if body is None or name is None:
            raise ValueError("a part without a name")
        raw = bytes(await body())
        fields[name] = raw if name == file else raw.decode("latin-1")
    return fields
