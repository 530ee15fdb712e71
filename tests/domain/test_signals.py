"""Signals: what is counted of uploads that nobody waited for."""

from __future__ import annotations

from msgspec.structs import replace

from liveproof.domain.signals import Signal, counted
from tests.support.verifications import verification


def test_a_signal_is_counted_up_to_99_and_then_nothing_is_written() -> None:
    code = Signal.SECOND_UPLOAD
    often = replace(verification(), signals={code.value: 98})

    most = counted(often, code)

    assert most.signals == {code.value: 99}
    assert counted(most, code) is most
