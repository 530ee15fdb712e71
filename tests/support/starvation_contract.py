"""What nothing can read or end must not delay the others: a contract of every Records adapter."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace

from liveproof.domain.states import Status
from liveproof.ports import Records
from liveproof.use_cases import sweep
from liveproof.use_cases.sweep import LIMIT
from tests.support.deployment import Deployment
from tests.support.thorough import WHOLE
from tests.support.verifications import NOW, numbered


def longest_delay(records: Records, sweeps: int) -> int:
    """By how many sweeps, a minute apart, an honest verification was requested too late at most.

    Before each sweep another one expires. Its step does its work when it is asked for; the steps of
    all others that are due save nothing. `sweeps` if one was never asked for.
    """
    deployment = Deployment()
    deployment.clock.time = NOW
    dependencies = dataclasses.replace(deployment.dependencies, records=records)
    waiting: dict[str, int] = {}
    delays = []
    for number in range(sweeps):
        now = deployment.clock.now()
        honest = records.save(numbered(900_000 + number, due_at=now - sweep.GRACE_MS))
        waiting[honest.id] = number
        sweep.sweep(dependencies, now + 3_600_000)
        for one in deployment.steps.take():
            if one.id in waiting:
                delays.append(number - waiting.pop(one.id))
                loaded = records.load(one.id)
                assert loaded is not None
                records.save(replace(loaded, status=Status.DECIDED, due_at=None))
        deployment.clock.advance(60_000)
    return max([*delays, *(sweeps for number in waiting.values() if number < sweeps - 2)])


class StarvationContract:
    """The tests.

    Attributes:
        poisoned: how many verifications are stored that nothing can read or end. A store that takes
            milliseconds for each write has fewer, and a limit to match; with
            LIVEPROOF_WHOLE_ATTACK each has one more than the sweep's own limit.
    """

    poisoned = LIMIT + 1

    def spoil(self, records: Records, verification_id: str) -> None:
        """Make a stored verification one that cannot be read, and leave all else of it."""
        raise NotImplementedError

    @pytest.mark.parametrize("poison", ["unreadable", "its step fails"])
    def test_poisoned_verifications_do_not_delay_honest_ones(
        self, records: Records, monkeypatch: pytest.MonkeyPatch, poison: str
    ) -> None:
        """2,001 that could not be read kept every expiry of every client waiting."""
        monkeypatch.setattr(sweep, "LIMIT", self._poisoned() - 1)
        self._store(records, poison)

        assert longest_delay(records, sweeps=30) <= 1

    def test_without_the_back_off_they_do(
        self, records: Records, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The control: the same verifications, and a sweep that puts nothing back."""
        monkeypatch.setattr(sweep, "LIMIT", self._poisoned() - 1)
        monkeypatch.setattr(records, "back_off", lambda due, now, first, longest: first)
        self._store(records, "its step fails")

        assert longest_delay(records, sweeps=5) == 5

    def _poisoned(self) -> int:
        return LIMIT + 1 if WHOLE else self.poisoned

    def _store(self, records: Records, poison: str) -> None:
        """The poisoned ones, all due before any honest one."""
        for number in range(self._poisoned()):
            records.save(numbered(number, due_at=NOW - 100_000 + number))
            if poison == "unreadable":
                self.spoil(records, numbered(number).id)
