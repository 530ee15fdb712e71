"""Ports that count what a run does into its wide event, and otherwise do what they did.

`measure_ports` puts a thin wrapper around each port of the bag, so that no use case and no adapter
has to count anything. `liveproof.observability.wide_event` says what the numbers mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any, TypeVar

from liveproof.dependencies import Dependencies
from liveproof.domain.verification import Proof, Verification
from liveproof.observability import Measure, Metric, count, measure, wide_event
from liveproof.ports import Clock
from liveproof.quota import Quota, QuotaFull

T = TypeVar("T")

_READS = frozenset({"load", "due", "recent", "claimed", "counts", "remembered_until"})
_WRITES = "store_writes"
_OF_A_CHECK = frozenset({"prepare", "connect", "call"})
_OF_A_KEY = frozenset({"sign", "public_key"})
_OF_SEQUENCES = frozenset({"upload", "generate"})


class _Port:
    """A port's object. Calls are timed and counted; anything else passes through.

    Args:
        part: whose time it is.
        counter: what each call adds one to; None for nothing.
        methods: which are timed; None for all.
    """

    def __init__(
        self,
        port: Any,
        part: str,
        counter: Callable[[str], str | None],
        methods: frozenset[str] | None = None,
    ) -> None:
        self._port, self._part, self._counter, self._methods = port, part, counter, methods

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if not callable(value) or (self._methods is not None and name not in self._methods):
            return value
        event, part, counter = wide_event.current(), self._part, self._counter(name)

        def timed(*arguments: Any, **named: Any) -> Any:
            if counter is not None:
                event.add(counter)
            with event.part(part):
                result = value(*arguments, **named)
            return _timed_iterator(result, part) if isinstance(result, Iterator) else result

        return timed


def _timed_iterator(items: Iterator[T], part: str) -> Iterator[T]:
    while True:
        with wide_event.current().part(part):
            try:
                item = next(items)
            except StopIteration:
                return
        yield item


class _Records(_Port):
    """Verifications, and what the run learns of them."""

    def __init__(self, records: Any, clock: Clock) -> None:
        super().__init__(records, "store", _store_counter)
        self._clock = clock

    def load(self, verification_id: str) -> Verification | None:
        loaded: Verification | None = self.__getattr__("load")(verification_id)
        if loaded is not None:
            _note(loaded)
            late = None if loaded.due_at is None else self._clock.now() - loaded.due_at
            if late is not None and late >= 0:
                wide_event.current().note_late(loaded.id, late)
        return loaded

    def save(self, *arguments: Any, **named: Any) -> Verification:
        saved: Verification = self.__getattr__("save")(*arguments, **named)
        _note(saved)
        return saved


def _note(verification: Verification) -> None:
    wide_event.current().note_verification(
        verification.id,
        client=verification.client,
        check=verification.check,
        state=verification.status.value,
    )


class _Quota(_Port):
    """The vendor's limits, and how far each is used."""

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        port: Quota = self._port
        event = wide_event.current()
        event.add(_WRITES)
        try:
            with event.part(self._part):
                slot = port.reserve(name, per_second, now, latest)
        except QuotaFull:
            count(Metric.QUOTA_EXHAUSTED)
            raise
        wait = max(0, slot - now)
        event.add("quota_wait_ms", wait)
        measure(Measure.QUOTA_WAIT, wait, api=name)
        # The slots of a minute add up to 100 when the limit is used up.
        measure(Measure.QUOTA_USE, 100 / (60 * per_second), api=name)
        return slot

    def record_success(self, name: str) -> bool:
        port: Quota = self._port
        return self._if_written(lambda: port.record_success(name))

    def give_back_probe(self, name: str, now: int) -> bool:
        port: Quota = self._port
        return self._if_written(lambda: port.give_back_probe(name, now))

    def _if_written(self, end_probe: Callable[[], bool]) -> bool:
        """Only the end of a probe writes, and there seldom is one."""
        event = wide_event.current()
        with event.part(self._part):
            has_written = end_probe()
        if has_written:
            event.add(_WRITES)
        return has_written


class _Bucket(_Port):
    """The bucket. A presigned URL needs no request; an open object is read from the bucket."""

    def __init__(self, bucket: Any) -> None:
        super().__init__(bucket, "bucket", _every("bucket_requests"))

    def presign_put(self, *arguments: Any, **named: Any) -> Any:
        return self._port.presign_put(*arguments, **named)

    def open(self, key: str, proof: Proof | None = None) -> Any:
        return _Stream(self.__getattr__("open")(key, proof))


class _Stream(_Port):
    """An open object."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream, "bucket", _every(None))

    def __enter__(self) -> _Stream:
        self._port.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._port.__exit__(*exc)


def _store_counter(method: str) -> str:
    return "store_reads" if method in _READS else _WRITES


def _steps_counter(method: str) -> str | None:
    return "messages" if method == "request" else None


def _check_counter(method: str) -> str | None:
    return "vendor_calls" if method == "call" else None


def _every(counter: str | None) -> Callable[[str], str | None]:
    return lambda _: counter


def measure_ports(dependencies: Dependencies) -> Dependencies:
    """The same bag, each port of which counts into the wide event of the run that goes on."""
    ports: dict[str, Any] = {
        "clock": _Port(dependencies.clock, "wait", _every(None), frozenset({"sleep_until"})),
        "records": _Records(dependencies.records, dependencies.clock),
        "quota": _Quota(dependencies.quota, "store", _store_counter),
        "bucket": _Bucket(dependencies.bucket),
        "steps": _Port(dependencies.steps, "messages", _steps_counter),
        "secrets": _Port(dependencies.secrets, "secrets", _every(None)),
        "webhook_key": _Port(dependencies.webhook_key, "secrets", _every(None), _OF_A_KEY),
        "webhook_sender": _Port(dependencies.webhook_sender, "webhook", _every("webhook_attempts")),
        "checks": {
            name: _Port(check, "vendor", _check_counter, _OF_A_CHECK)
            for name, check in dependencies.checks.items()
        },
        "reflect_sequences": _Port(
            dependencies.reflect_sequences, "vendor", _every(None), _OF_SEQUENCES
        ),
    }
    for field in fields(dependencies):
        port = getattr(dependencies, field.name)
        if port is None or field.name == "settings":
            ports.pop(field.name, None)
        elif field.name not in ports:  # the other ports are rows of the store
            ports[field.name] = _Port(port, "store", _store_counter)
    return replace(dependencies, **ports)
