"""Examples of request bodies in the OpenAPI document: requests that a deployment takes as they are.

The contract test sends each of them to both local clouds.
"""

from __future__ import annotations

from typing import Any

from liveproof import facts
from liveproof.domain.requests import CreateReflectSequence, CreateVerification, ResendDeliveries

_MD5 = "9e107d9d372bb6826bd81d3542a419d6"
_SIZES = {"live_data": 350_000, "image": 180_000, "video": 2_400_000}


def examples(kind: type) -> dict[str, Any]:
    """The examples of a request body's type, by name."""
    made: dict[type, dict[str, Any]] = {
        CreateVerification: {name: _create(name) for name in facts.checks()},
        ResendDeliveries: {"dry_run": {"since": "2026-11-20T00:00:00Z", "state": "exhausted"}},
        CreateReflectSequence: {"from_the_sdk": {"device_data": '{"model": "phone"}'}},
    }
    return {name: {"value": value} for name, value in made[kind].items()}


def _create(check: str) -> dict[str, Any]:
    inputs = {
        name: {"md5": _MD5, "size": _SIZES[name], "content_type": entry.content_types[0]}
        for name, entry in facts.checks()[check].inputs.items()
    }
    return {"check": check, "inputs": inputs, "reference": "order-7"}
