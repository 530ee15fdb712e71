"""Query parameters: what a route takes, and what is read of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from liveproof.api.http import Request
from liveproof.domain.filter import Filter
from liveproof.domain.requests import MAX_REFERENCE
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, DeliveryState
from liveproof.use_cases.errors import InvalidRequest

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100

_Member = TypeVar("_Member", bound=Enum)


def _enumeration(kind: type[Enum]) -> dict[str, Any]:
    return {"enum": [member.value for member in kind]}


@dataclass(frozen=True)
class Parameter:
    """A query parameter. `schema` is its JSON Schema."""

    description: str
    schema: Mapping[str, Any]


LIST_PARAMETERS = {
    "status": Parameter("only verifications in this state", _enumeration(Status)),
    "decision": Parameter("only those with this decision", _enumeration(Decision)),
    "reference": Parameter(
        "only those with exactly this reference", {"type": "string", "maxLength": MAX_REFERENCE}
    ),
    "delivery": Parameter(
        "only those whose last delivery is in this state", _enumeration(DeliveryState)
    ),
    "erased": Parameter(
        "`false` leaves out those whose erasure was requested",
        {"type": "string", "enum": ["true", "false"], "default": "true"},
    ),
    "limit": Parameter(
        f"how many, 1 to {MAX_PAGE_SIZE}; {DEFAULT_PAGE_SIZE} without it",
        {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_PAGE_SIZE,
            "default": DEFAULT_PAGE_SIZE,
        },
    ),
    "cursor": Parameter("next_cursor of the page before", {"type": "string"}),
}


def require_parameters(request: Request, parameters: Mapping[str, Parameter]) -> None:
    """Refuse a query parameter that is not among these, or that is there twice.

    Raises:
        InvalidRequest: names the parameter.
    """
    names = f"there is {', '.join(parameters)}" if parameters else "none is taken here"
    for name, values in request.query.items():
        if name not in parameters:
            raise InvalidRequest(f"there is no such query parameter; {names}", name)
        if len(values) > 1:
            raise InvalidRequest("may be given once", name)


def list_filter(request: Request) -> Filter:
    """The conditions of a list. Raises InvalidRequest for a value that no verification has."""
    reference = request.parameter("reference")
    if reference is not None and len(reference) > MAX_REFERENCE:
        raise InvalidRequest(f"has at most {MAX_REFERENCE} characters", "reference")
    erased = request.parameter("erased")
    if erased not in (None, "true", "false"):
        raise InvalidRequest("must be one of true, false", "erased")
    return Filter(
        erased=erased != "false",
        status=_member(request, "status", Status),
        decision=_member(request, "decision", Decision),
        delivery=_member(request, "delivery", DeliveryState),
        reference=reference,
    )


def _member(request: Request, name: str, kind: type[_Member]) -> _Member | None:
    text = request.parameter(name)
    try:
        return None if text is None else kind(text)
    except ValueError:
        names = ", ".join(str(member.value) for member in kind)
        raise InvalidRequest(f"must be one of {names}", name) from None


def page_size(request: Request) -> int:
    """The parameter `limit`, or its default. Raises InvalidRequest outside its range."""
    text = request.parameter("limit")
    if text is None:
        return DEFAULT_PAGE_SIZE
    # Python refuses to read thousands of digits, so the length is limited first.
    is_short_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_PAGE_SIZE))
    if not is_short_number or not 1 <= int(text) <= MAX_PAGE_SIZE:
        raise InvalidRequest(f"must be a number from 1 to {MAX_PAGE_SIZE}", "limit")
    return int(text)
