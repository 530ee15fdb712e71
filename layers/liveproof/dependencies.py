"""The bag of dependencies that handlers hand to use cases.

A container builds one bag (`liveproof.clouds.<cloud>.runtime.dependencies`); a test builds another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liveproof.checks.check import Check
from liveproof.ports import Bucket, Clock, Quota, Records, Secrets, Steps
from liveproof.settings import Settings
from liveproof.vendors.tencent.reflect_sequence import ReflectSequences


@dataclass(frozen=True)
class Dependencies:
    """Everything that a use case may touch."""

    settings: Settings
    clock: Clock
    records: Records
    bucket: Bucket
    steps: Steps
    secrets: Secrets
    quota: Quota
    checks: Mapping[str, Check]
    reflect_sequences: ReflectSequences
