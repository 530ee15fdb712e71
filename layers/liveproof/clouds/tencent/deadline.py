"""When an SCF function is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MARGIN_MS = 500
"""SCF counts from before the handler begins; by how much is not documented."""


def deadline(context: Mapping[str, Any], began: int) -> int:
    """When the function is stopped, ms since 1970.

    SCF tells a Python function its time limit, not what is left of it.

    Args:
        context: SCF's, a plain dict.
        began: when the handler began, ms since 1970.
    """
    return began + int(context["time_limit_in_ms"]) - _MARGIN_MS
