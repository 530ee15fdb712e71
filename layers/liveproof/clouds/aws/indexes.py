"""Queries of the table's indexes.

A table of a version before 2026-11-27 has indexes under other names, until its operator has added
the new ones (docs/operating.md, "Upgrade an older table"). The keys are the same, so a query of an
index that is not there yet goes to the former one.
"""

from __future__ import annotations

from typing import Any

from liveproof.clouds.aws.api import JsonApi
from liveproof.clouds.aws.errors import AwsRefused

UNFINISHED = "unfinished"
BY_CLIENT = "by_client"
_FORMER = {UNFINISHED: "due", BY_CLIENT: "recent"}
_NO_SUCH_INDEX = ("ValidationException", "ResourceNotFoundException")
"""The index is missing or is being filled. DynamoDB answers the first, moto the second."""


def query(dynamodb: JsonApi, index: str, **parameters: Any) -> Any:
    """The response of a Query of an index."""
    try:
        return dynamodb.call("Query", IndexName=index, **parameters)
    except AwsRefused as refused:
        if refused.code not in _NO_SUCH_INDEX:
            raise
    return dynamodb.call("Query", IndexName=_FORMER[index], **parameters)
