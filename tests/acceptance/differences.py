"""What the behaviour suite expects of one cloud and not of the other: each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Difference:
    """One thing that the clouds answer differently."""

    aws: Any
    tencent: Any
    reason: str

    def of(self, cloud: str) -> Any:
        """What a cloud of this name answers."""
        return {"aws": self.aws, "tencent": self.tencent}[cloud]


SECOND_PUT = Difference(
    aws=412,
    tencent=409,
    reason="S3 compares If-None-Match: *; COS has x-cos-forbid-overwrite and FileAlreadyExists",
)


NO_ROUTE = Difference(
    aws={"message"},
    tencent={"type", "title", "status", "detail", "code"},
    reason="API Gateway answers by itself what is no route; on Tencent Cloud `api` gets everything",
)


TWICE = Difference(
    aws=400,
    tencent=200,
    reason="API Gateway gives the raw query; the documented event of SCF has room for one value, "
    "and which of two it takes is in docs/unconfirmed.md",
)


RELAYED = Difference(
    aws=("CreateUploadUrl",),
    tencent=(),
    reason="on Tencent Cloud the vendor reads the bucket, and nothing is relayed",
)


def only_on(cloud: str, reason: str) -> pytest.MarkDecorator:
    """Runs a test on one cloud only. The reason says where the other one's counterpart is."""
    if not reason:
        raise ValueError("a difference has a reason")
    return pytest.mark.parametrize("local_cloud", [cloud], indirect=True)
