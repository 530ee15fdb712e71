"""Items of the table as somebody who looks for leaked secrets must see them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from liveproof.clouds.aws.items import decode_document


def readable(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item with its record as text.

    Args:
        item: as DynamoDB's API returns it, with bytes in base64, or boto3, with bytes.
    """
    if "record" not in item:
        return dict(item)
    record = dict(item["record"])
    if isinstance(record.get("B"), bytes):
        record["B"] = base64.b64encode(record["B"]).decode("ascii")
    return {**item, "record": {"S": decode_document(record).decode()}}
