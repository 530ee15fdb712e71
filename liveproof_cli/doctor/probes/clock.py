"""Whether the clocks agree: signatures are refused some minutes from the right time."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof_cli import output
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok, warning
from liveproof_cli.doctor.probe import Probe

_WARN_MS = 30_000
_FAIL_MS = 4 * 60_000
"""Signatures of AWS and of Tencent Cloud's API end five minutes from their time, and so do webhooks
at receivers that keep to Standard Webhooks."""

_OTHERS = {"upload": "the bucket", "vendor_clock": "the vendor"}


def _examine(examination: Examination) -> Iterator[Finding]:
    skews: dict[str, int] = {}
    for name, answer in examination.answers.items():
        if answer.result is not None:
            skews[f"this machine and {name}"] = _outside(
                answer.result.now, answer.asked_at, answer.answered_at
            )
    machine = max(skews.items(), key=lambda pair: abs(pair[1]), default=None)
    worst = dict([machine]) if machine else {}
    for function, trial in examination.trials(*_OTHERS):
        if trial.skew_ms is not None:
            worst[f"{function} and {_OTHERS[trial.name]}"] = trial.skew_ms
    yield from examination.unanswered() if not worst else ()
    amiss = False
    for pair, skew in worst.items():
        says = f"the clocks of {pair} differ by {output.duration(abs(skew))}"
        if abs(skew) >= _WARN_MS:
            amiss = True
            make = failed if abs(skew) >= _FAIL_MS else warning
            yield make(says, "set this machine's clock (NTP); a cloud's own clock is right.")
    if worst and not amiss:
        most = max(abs(skew) for skew in worst.values())
        yield ok(f"the clocks agree to {output.duration(most)}: {'; '.join(worst)}")


def _outside(at: int, earliest: int, latest: int) -> int:
    """How far a time is from an interval; 0 within it."""
    return at - latest if at > latest else min(0, at - earliest)


PROBE = Probe("clock", "Do the clocks of machine, cloud and vendor agree?", _examine)
