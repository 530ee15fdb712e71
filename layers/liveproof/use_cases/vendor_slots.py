"""The vendor's quota as time: when the next request may leave, instead of being refused.

Every reservation is made here, under one name for each API: `service.action.region`.
"""

from __future__ import annotations

from liveproof import facts
from liveproof.checks.check import Check
from liveproof.dependencies import Dependencies
from liveproof.domain.next_move import SLOT_WAIT_MS
from liveproof.vendors.tencent.reflect_sequence import ACTION as REFLECT_SEQUENCE

_CREATE_UPLOAD_URL = "CreateUploadUrl"


def quota_name(service: str, action: str, region: str) -> str:
    """The name of an API's quota in the store that every function shares."""
    return f"{service}.{action}.{region}"


def reserve_call(dependencies: Dependencies, check: Check, now: int) -> int:
    """The time (ms) of a check's next paid call."""
    name = quota_name(check.api.service, check.api.action, check.region)
    rate = dependencies.settings.calls_per_second[check.name]
    return dependencies.quota.reserve(name, rate, now)


def reserve_relay(dependencies: Dependencies, check: Check, files: int) -> int:
    """The time (ms) from which a check's files may be relayed, with one CreateUploadUrl each.

    Raises:
        QuotaFull: that is later than `SLOT_WAIT_MS`; no slot was taken.
    """
    now = dependencies.clock.now()
    if files == 0:
        return now
    name = quota_name(check.api.service, _CREATE_UPLOAD_URL, check.region)
    rate = dependencies.settings.upload_urls_per_second / files
    return dependencies.quota.reserve(name, rate, now, now + SLOT_WAIT_MS)


def reserve_reflect_sequence(dependencies: Dependencies, longest_wait_ms: int) -> int:
    """The time (ms) from which a light sequence may be made: one CreateUploadUrl, then its own API.

    Raises:
        QuotaFull: one of the two is later than `longest_wait_ms`; that one's slot was not taken.
    """
    settings, now = dependencies.settings, dependencies.clock.now()
    service, region = facts.apis()[REFLECT_SEQUENCE].service, dependencies.reflect_sequences.region
    rates = {
        _CREATE_UPLOAD_URL: settings.upload_urls_per_second,
        REFLECT_SEQUENCE: settings.calls_per_second["reflect"],
    }
    return max(
        dependencies.quota.reserve(
            quota_name(service, action, region), rate, now, now + longest_wait_ms
        )
        for action, rate in rates.items()
    )
