"""The vendor's quota as time: when the next request may leave, instead of being refused.

Every reservation is made here, under one name for each API: `service.action.region`. So is every
report that the vendor refused a request because there were too many.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from liveproof import facts, observability
from liveproof.checks.check import Check
from liveproof.checks.reading import Reading
from liveproof.dependencies import Dependencies
from liveproof.domain.ledger import CallOutcome
from liveproof.observability import Event, Metric
from liveproof.vendors.errors import VendorError, VendorRefused
from liveproof.vendors.tencent.reflect_sequence import ACTION as REFLECT_SEQUENCE

_CREATE_UPLOAD_URL = "CreateUploadUrl"


def quota_name(service: str, action: str, region: str) -> str:
    """The name of an API's quota in the store that every function shares."""
    return f"{service}.{action}.{region}"


def reserve_call(dependencies: Dependencies, check: Check, latest: int) -> int:
    """The time (ms) of a check's next paid call.

    Raises:
        QuotaFull: that is later than `latest` (ms); no slot was taken.
        VendorDown: the vendor is down; no slot was taken.
    """
    rate = dependencies.settings.calls_per_second[check.name]
    return dependencies.quota.reserve(_of_calls(check), rate, dependencies.clock.now(), latest)


def reserve_relay(dependencies: Dependencies, check: Check, files: int, latest: int) -> int:
    """The time (ms) from which a check's files may be relayed, with one CreateUploadUrl each.

    Raises:
        QuotaFull, VendorDown: as for `reserve_call`.
    """
    now = dependencies.clock.now()
    if files == 0:
        return now
    rate = dependencies.settings.upload_urls_per_second / files
    return dependencies.quota.reserve(_of_relay(check), rate, now, latest)


class VendorHealth:
    """What a check learns of an API from its answers, and tells the other functions.

    Attributes:
        name: of the quota.
    """

    def __init__(self, dependencies: Dependencies, name: str) -> None:
        self._dependencies = dependencies
        self.name = name

    def may_try(self) -> bool:
        """Whether the API may be called: it is not down, or this function has won the probe."""
        return self._dependencies.quota.probe(self.name, self._dependencies.clock.now())

    def report(self, reading: Reading) -> None:
        """The vendor answered with this."""
        if reading.is_throttled:
            _slow_down(self._dependencies, self.name)
        if reading.outcome is CallOutcome.ANSWERED or reading.is_throttled:
            self.report_success()
        else:
            self.report_failure()

    def report_failure(self) -> None:
        """The vendor gave no answer, or could not serve."""
        if self._dependencies.quota.record_failure(self.name, self._dependencies.clock.now()):
            observability.record(Event.VENDOR_DOWN, quota=self.name)
            observability.count(Metric.VENDOR_DOWN)

    def report_success(self) -> None:
        """The vendor served, whatever it said."""
        if self._dependencies.quota.record_success(self.name):
            observability.record(Event.VENDOR_UP, quota=self.name)

    def give_back_probe(self) -> None:
        """If this run has won the probe and has reported nothing since, the next run may try.

        Raises nothing: the run is done, and the probe ends by itself.
        """
        try:
            self._dependencies.quota.give_back_probe(self.name, self._dependencies.clock.now())
        except Exception as error:  # noqa: BLE001 - see above
            observability.record_failure(Event.PROBE_KEPT, error)


@contextmanager
def probes_given_back(*apis: VendorHealth) -> Iterator[None]:
    """When the block ends, probes that were won in it and not used are free for others.

    A function that is killed within the block leaves that to the probe's end (`PROBE_MS`).
    """
    try:
        yield
    except Exception:
        _give_back(apis)
        raise
    _give_back(apis)


def _give_back(apis: tuple[VendorHealth, ...]) -> None:
    for api in apis:
        api.give_back_probe()


def health_of_calls(dependencies: Dependencies, check: Check) -> VendorHealth:
    """Of the API of a check's paid call."""
    return VendorHealth(dependencies, _of_calls(check))


def health_of_relay(dependencies: Dependencies, check: Check) -> VendorHealth:
    """Of CreateUploadUrl, and of the storage behind it."""
    return VendorHealth(dependencies, _of_relay(check))


class SequenceSlots:
    """The slots of one light sequence: a CreateUploadUrl, then the request for the sequence.

    A sequence that nobody may make must not use up an upload's slot, and the sequence's own slot is
    taken when the upload is done. So there is a line before both, a limit of its own in the store
    that gives as many places as there are slots: who gets a place gets the slots, too.
    """

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies
        service = facts.apis()[REFLECT_SEQUENCE].service
        region = dependencies.reflect_sequences.region
        self._uploads = quota_name(service, _CREATE_UPLOAD_URL, region)
        self._sequences = quota_name(service, REFLECT_SEQUENCE, region)
        self._line = f"{self._sequences}.line"
        self._last = self._uploads

    def join_line(self, latest: int) -> None:
        """Take a place in the line. Raises QuotaFull: it would be later than `latest` (ms)."""
        self._reserve_of_sequences(self._line, latest)

    def reserve_upload(self, latest: int) -> int:
        """The time (ms) of the CreateUploadUrl. Raises as `reserve_relay` does."""
        quota, rate = self._dependencies.quota, self._dependencies.settings.upload_urls_per_second
        return quota.reserve(self._uploads, rate, self._dependencies.clock.now(), latest)

    def reserve_sequence(self, latest: int) -> int:
        """The time (ms) of the request for the sequence. Raises QuotaFull, VendorDown."""
        self._last = self._sequences
        return self._reserve_of_sequences(self._sequences, latest)

    @property
    def apis(self) -> tuple[VendorHealth, ...]:
        """The APIs of the two requests."""
        names = (self._uploads, self._sequences)
        return tuple(VendorHealth(self._dependencies, name) for name in names)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Tells the other functions how the request in the block went.

        A refusal says nothing: it may be of the request, or of a vendor that cannot serve.
        """
        health = VendorHealth(self._dependencies, self._last)
        try:
            yield
        except VendorRefused:
            raise
        except VendorError:
            health.report_failure()
            raise
        health.report_success()

    def slow_down(self) -> None:
        """The vendor refused the last of the two requests because there were too many."""
        _slow_down(self._dependencies, self._last)
        if self._last == self._sequences:
            self._dependencies.quota.slow_down(self._line, self._dependencies.clock.now())

    def _reserve_of_sequences(self, name: str, latest: int) -> int:
        rate = self._dependencies.settings.calls_per_second["reflect"]
        now = self._dependencies.clock.now()
        return self._dependencies.quota.reserve(name, rate, now, latest)


def _of_calls(check: Check) -> str:
    return quota_name(check.api.service, check.api.action, check.region)


def _of_relay(check: Check) -> str:
    return quota_name(check.api.service, _CREATE_UPLOAD_URL, check.region)


def _slow_down(dependencies: Dependencies, name: str) -> None:
    observability.record(Event.VENDOR_THROTTLED, quota=name)
    observability.count(Metric.VENDOR_THROTTLED)
    dependencies.quota.slow_down(name, dependencies.clock.now())
