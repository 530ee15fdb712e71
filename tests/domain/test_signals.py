"""Signals: what is counted of uploads that nobody waited for."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.signals import Signal, counted, signal_of_event, until_decision
from liveproof.domain.verification import Decision, Verification
from tests.support.verifications import NOW, PROOF, ready, verdict, verification

FIRST, SECOND = "uploads/image", "uploads/image/2"
RENEWED = lifecycle.uploads_renewed(verification(), {"image": SECOND}, NOW)
PROVEN = lifecycle.input_proven(RENEWED, "image", FIRST, PROOF, NOW)


def test_a_signal_is_counted_up_to_99_and_then_nothing_is_written() -> None:
    code = Signal.SECOND_UPLOAD
    often = replace(verification(), signals={code.value: 98})

    most = counted(often, code)

    assert most.signals == {code.value: 99}
    assert counted(most, code) is most


def test_the_webhook_has_every_signal_but_that_of_uploads_after_the_decision() -> None:
    signals = {signal.value: 1 for signal in Signal}

    told = until_decision(verification(signals=signals))

    assert list(told) == sorted(signals.keys() - {"upload_after_decision"})


@pytest.mark.parametrize(
    ("entry", "key", "signal"),
    [
        pytest.param(RENEWED, SECOND, None, id="it is awaited"),
        pytest.param(RENEWED, "uploads/other", Signal.UNISSUED_KEY, id="no URL was issued"),
        pytest.param(PROVEN, FIRST, None, id="the same event again"),
        pytest.param(PROVEN, SECOND, Signal.SECOND_UPLOAD, id="another file of a proven input"),
        pytest.param(ready(), "uploads/other", None, id="a check is running"),
        pytest.param(
            lifecycle.decided(ready(), verdict(Decision.ERROR)),
            "uploads/other",
            Signal.UPLOAD_AFTER_DECISION,
            id="after the decision",
        ),
    ],
)
def test_an_event_that_nobody_waits_for_means(
    entry: Verification, key: str, signal: Signal | None
) -> None:
    assert signal_of_event(entry, "image", key) is signal
