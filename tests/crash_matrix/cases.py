"""What the matrix is made of: each check's way to its vendor, with what may go wrong on it.

A case is a way, a policy of unknown outcomes, a vendor, how messages arrive, and whether and when
the client erases the verification. A run is a case that is stopped once, at one of its moments; its
id is the text by which it can be repeated.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from liveproof.domain.next_move import UnknownPolicy
from liveproof.outbound.errors import AnswerLost, NeverSent, SentInPart
from liveproof.ports import Conflict, SecretUnusable
from liveproof.quota import QuotaFull
from tests.support.crash_points import Failed, Killed
from tests.support.ways import WAYS, Way

VENDORS = {
    "answering": None,
    "losing-the-answer": "reset-after-body",
    "throttling": "rate-limited-always",
}
"""The emulator's fault for the first paid call, by the vendor's name."""
MESSAGES = ("thrice", "lost")
"""Each bucket event comes three times, in any order. So does each step's message, or it is lost."""

ERASED = ("erased-meanwhile", "erased-afterwards")
"""The client's DELETE comes among the events, three times as well, in any order; or once all is
over."""

_FULL_MS = 20_000
"""How long a quota without a free slot has none."""


@dataclass(frozen=True)
class Case:
    """What a verification meets before anything is stopped."""

    way: Way
    policy: UnknownPolicy
    vendor: str
    messages: str
    erased: str = ""

    def __str__(self) -> str:
        named = f"{self.way}/{self.policy.value}/{self.vendor}/{self.messages}"
        return f"{named}/{self.erased}" if self.erased else named


@dataclass(frozen=True)
class Kind:
    """How a function is stopped.

    Attributes:
        at: the beginnings of the moments' names at which it may happen.
        make: the exception, from the moment's name and the time.
    """

    name: str
    at: tuple[str, ...]
    make: Callable[[str, int], BaseException]


def _always(make: Callable[[str], BaseException]) -> Callable[[str, int], BaseException]:
    return lambda name, now: make(name)


NOT_STOPPED = Kind("not-stopped", (), _always(Killed))
KINDS = {
    kind.name: kind
    for kind in (
        NOT_STOPPED,
        Kind("killed", ("before ", "after "), _always(Killed)),
        # A throttled store, secrets that cannot be reached, a bug: what no port promises.
        Kind("failed", ("before ", "after "), _always(Failed)),
        Kind("conflict", ("before records.save",), _always(Conflict)),
        Kind(
            "quota-full",
            ("before quota.reserve",),
            lambda name, now: QuotaFull(name, now + _FULL_MS),
        ),
        Kind("secret-unusable", ("before secrets.get",), _always(SecretUnusable)),
        Kind("not-connected", ("before exchange ",), lambda name, now: NeverSent("not_connected")),
        Kind("cut-off", ("before exchange ",), lambda name, now: SentInPart("no_answer")),
        Kind("answer-lost", ("after exchange ",), lambda name, now: AnswerLost("no_answer")),
    )
}


@dataclass(frozen=True)
class Stop:
    """The moment of a run, counted from 0, and what happens there."""

    kind: Kind
    moment: int

    def __str__(self) -> str:
        return f"{self.kind.name}/{self.moment}"


CASES = tuple(
    Case(way, policy, vendor, messages)
    for way, policy, vendor, messages in itertools.product(WAYS, UnknownPolicy, VENDORS, MESSAGES)
) + tuple(
    # No call follows an erasure, so the policy of unknown outcomes makes no difference to it.
    Case(way, UnknownPolicy.REPEAT_ONCE, vendor, messages, erased)
    for way, messages in itertools.product(WAYS, MESSAGES)
    for vendor, erased in zip(("losing-the-answer", "answering"), ERASED, strict=True)
)


def stops(case: Case, moments: Sequence[str], most: int | None = None) -> list[Stop]:
    """No stop, then every kind of stop at every moment where it may happen.

    Args:
        moments: the names of the case's moments.
        most: how many of them, spread evenly, and others for another case; None: all.
    """
    every = list(_every_stop(moments))
    if most is not None and most < len(every):
        first = zlib.crc32(str(case).encode()) % len(every)
        chosen = [(first + number * len(every) // most) % len(every) for number in range(most)]
        every = [every[number] for number in sorted(chosen)]
    return [Stop(NOT_STOPPED, -1), *every]


def _every_stop(moments: Sequence[str]) -> Iterator[Stop]:
    for number, moment in enumerate(moments):
        for kind in KINDS.values():
            if moment.startswith(kind.at):
                yield Stop(kind, number)


def run_id(case: Case, stop: Stop, seed: int) -> str:
    """The text by which `parse` finds the run again."""
    return f"{case}/{stop}/{seed}"


def parse(text: str) -> tuple[Case, Stop, int]:
    """The case, stop and seed of a run's id. Raises ValueError if there is no such run."""
    *names, kind, moment, seed = text.split("/")
    for case in CASES:
        if str(case) == "/".join(names) and kind in KINDS:
            return case, Stop(KINDS[kind], int(moment)), int(seed)
    raise ValueError(f"there is no run {text}")
