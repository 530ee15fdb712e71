"""Verifications while everything fails at times: vendor, webhooks' endpoint and workers."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from liveproof import facts
from liveproof_emulator.catalogue import Catalogue
from tests.acceptance.client import Client
from tests.acceptance.killing import killing
from tests.support.api import ApiError
from tools.local.cloud import LocalCloud

SHARE = 0.2
"""Of verifications that meet a fault, of each fault; of webhooks whose first attempt fails."""
CHECKS = ("reflect", "video", "photo", "silent")
FAULTS = tuple(name for name in Catalogue().faults if name.endswith("-once"))
_PAID = {api for check in facts.checks().values() for api in check.apis}
_SWEEP_SECONDS = 3.0
_KILL_PAUSE = (0.5, 2.0)

View = dict[str, Any]
"""A verification as the API shows it."""


@dataclass(frozen=True)
class Soaked:
    """The outcomes of the verifications.

    Attributes:
        met: how many verifications met a fault of the vendor.
        ends: how many ended with each decision and reason.
        paid: paid calls that the emulator executed.
        unknown: calls whose outcome the ledgers call unknown.
        refused: webhooks that the endpoint answered with 503.
        violations: what is not as it has to be.
    """

    verifications: int
    met: int
    ends: dict[str, int]
    paid: int
    unknown: int
    killed: int
    refused: int
    violations: tuple[str, ...]


class _Endpoint:
    """Refuses the first attempt of some webhooks."""

    def __init__(self, pick: random.Random) -> None:
        self._pick, self._seen, self._lock = pick, set[str](), threading.Lock()
        self.refused = 0

    def is_away(self, webhook_id: str) -> bool:
        with self._lock:
            if webhook_id in self._seen or self._pick.random() >= SHARE:
                self._seen.add(webhook_id)
                return False
            self._seen.add(webhook_id)
            self.refused += 1
            return True


def soak(
    cloud: LocalCloud, count: int, seed: int, limit: float, say: Callable[[str], None]
) -> Soaked:
    """Run verifications of every check in turn, with every fault in turn.

    Args:
        limit: seconds after the last upload within which all must have ended.
    """
    pick = random.Random(seed)
    client, endpoint = Client(cloud, random.Random()), _Endpoint(random.Random(seed + 1))
    calls_before = len(cloud.emulator.calls())
    started: list[str] = []
    met = 0
    cloud.receiver.is_away = endpoint.is_away
    try:
        with killing(cloud, random.Random(seed + 2), _KILL_PAUSE) as killed:
            for number in range(count):
                fault = FAULTS[number % len(FAULTS)] if pick.random() < SHARE else None
                met += fault is not None
                started.append(client.start_against_odds(fault, CHECKS[number % len(CHECKS)])["id"])
                say(f"{len(started)} of {count} uploaded, {len(killed)} workers killed")
        ended = _wait(client, started, limit, say)
    finally:
        cloud.receiver.is_away = lambda webhook_id: False
    paid = [call for call in cloud.emulator.calls()[calls_before:] if call["action"] in _PAID]
    executed = [call for call in paid if call["executed"]]
    calls = [call for view in ended.values() for call in view["calls"]]
    return Soaked(
        len(started),
        met,
        dict(Counter(f"{view['decision']}: {view['reason']['code']}" for view in ended.values())),
        len(executed),
        sum(call["outcome"] == "unknown" for call in calls),
        len(killed),
        endpoint.refused,
        tuple(_violations(client, started, ended, executed)),
    )


def _wait(
    client: Client, started: list[str], limit: float, say: Callable[[str], None]
) -> dict[str, View]:
    """The views of those that have come to rest, by id."""
    deadline = time.monotonic() + limit
    ended: dict[str, View] = {}
    while len(ended) < len(started) and time.monotonic() < deadline:
        client.cloud.deployment.sweep()
        for verification_id in started:
            if verification_id not in ended:
                try:
                    view = client.api.read(verification_id)
                except (ApiError, OSError):
                    continue
                if view["delivery"] and view["delivery"]["state"] == "delivered":
                    ended[verification_id] = view
        say(f"{len(ended)} of {len(started)} ended")
        time.sleep(_SWEEP_SECONDS)
    return ended


def _violations(
    client: Client, started: list[str], ended: dict[str, View], executed: list[View]
) -> Iterator[str]:
    for verification_id in started:
        if verification_id not in ended:
            yield f"{verification_id} has not come to rest"
    for verification_id, view in ended.items():
        yield from (f"{verification_id}: {wrong}" for wrong in _wrong(client, view))
    in_ledgers = {call["request_id"]: call for view in ended.values() for call in view["calls"]}
    unknown = sum(call["outcome"] == "unknown" for view in ended.values() for call in view["calls"])
    unheard = [call for call in executed if call["request_id"] not in in_ledgers]
    if len(unheard) > unknown:
        yield f"{len(unheard)} executed calls are in no ledger, and {unknown} are unknown"
    requests = {call["request_id"] for call in executed}
    for request_id, call in in_ledgers.items():
        if call["outcome"] == "answered" and request_id not in requests:
            yield f"the vendor never executed {request_id}, which the ledger calls answered"


def _wrong(client: Client, view: View) -> Iterator[str]:
    outcomes = [call["outcome"] for call in view["calls"]]
    if view["decision"] == "error":
        reason = facts.reasons().get(view["reason"]["code"])
        if reason is None or reason.decision != "error" or set(outcomes) <= {"answered"}:
            yield f"an unexplained error: {view['reason']} after {outcomes}"
    elif view["decision"] != "passed":
        yield f"the person was live, and it is {view['decision']}: {view['reason']}"
    if outcomes.count("answered") > 1 or outcomes.count("unknown") > 2:
        yield f"paid too often: {outcomes}"
    webhooks = client.cloud.receiver.of(view["id"])
    if not webhooks or not all(webhook.verified for webhook in webhooks):
        yield f"{len(webhooks)} webhooks, not all verified"
    if len({webhook.body for webhook in webhooks}) > 1:
        yield "webhooks with different bodies"
