"""Items of the table as somebody who looks for leaked secrets must see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liveproof.clouds.aws.items import document_of


def readable(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item with its record as text."""
    if "record" not in item:
        return dict(item)
    return {**item, "record": {"S": document_of(item["record"]).decode()}}
