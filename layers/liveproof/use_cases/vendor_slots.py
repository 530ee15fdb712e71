"""The vendor's quota as time: when the next request may leave, instead of being refused.

Every reservation is made here, under one name for each API: `service.action.region`. So is every
report that the vendor refused a request because there were too many.
"""

from __future__ import annotations

from liveproof import facts, observability
from liveproof.checks.check import Check
from liveproof.dependencies import Dependencies
from liveproof.observability import Event, Metric
from liveproof.vendors.tencent.reflect_sequence import ACTION as REFLECT_SEQUENCE

_CREATE_UPLOAD_URL = "CreateUploadUrl"


def quota_name(service: str, action: str, region: str) -> str:
    """The name of an API's quota in the store that every function shares."""
    return f"{service}.{action}.{region}"


def reserve_call(dependencies: Dependencies, check: Check, latest: int) -> int:
    """The time (ms) of a check's next paid call.

    Raises:
        QuotaFull: that is later than `latest` (ms); no slot was taken.
    """
    rate = dependencies.settings.calls_per_second[check.name]
    return dependencies.quota.reserve(_of_calls(check), rate, dependencies.clock.now(), latest)


def reserve_relay(dependencies: Dependencies, check: Check, files: int, latest: int) -> int:
    """The time (ms) from which a check's files may be relayed, with one CreateUploadUrl each.

    Raises:
        QuotaFull: that is later than `latest` (ms); no slot was taken.
    """
    now = dependencies.clock.now()
    if files == 0:
        return now
    rate = dependencies.settings.upload_urls_per_second / files
    return dependencies.quota.reserve(_of_relay(check), rate, now, latest)


def slow_down_calls(dependencies: Dependencies, check: Check) -> None:
    """The vendor refused a check's paid call because there were too many."""
    _slow_down(dependencies, _of_calls(check))


def slow_down_relay(dependencies: Dependencies, check: Check) -> None:
    """The vendor refused a CreateUploadUrl because there were too many."""
    _slow_down(dependencies, _of_relay(check))


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


def _of_calls(check: Check) -> str:
    return quota_name(check.api.service, check.api.action, check.region)


def _of_relay(check: Check) -> str:
    return quota_name(check.api.service, _CREATE_UPLOAD_URL, check.region)


def _slow_down(dependencies: Dependencies, name: str) -> None:
    observability.record(Event.VENDOR_THROTTLED, quota=name)
    observability.count(Metric.VENDOR_THROTTLED)
    dependencies.quota.slow_down(name, dependencies.clock.now())
