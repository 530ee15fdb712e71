"""What a verification waits for between its last upload and its webhook, on each cloud.

Each of these lines is a round trip of a function to the store, the bucket, the queue or the vendor.
Whoever adds one adds it to every verification's time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.functions import test_whole_path_aws as aws
from tests.functions import test_whole_path_tencent as tencent
from tests.support import lambdas
from tests.support.round_trips import RoundTrip, noted
from tools import ROOT

aws_journey = aws.journey
tencent_journey = tencent.journey

AWS = {
    "create_upload": "PutItem",
    "verify_upload": "GetItem; GET uploads-bucket; PutItem; SendMessage",
    "run_check": (
        "GetItem; UpdateItem; PutItem;"
        " GET uploads-bucket; PUT vendor;"
        " UpdateItem; PutItem; DetectReflectLivenessAndCompare; PutItem;"
        " GET vendor; PUT uploads-bucket; PutItem; SendMessage"
    ),
    "deliver_result": "GetItem; UpdateItem; PutItem; POST canaryHook; UpdateItem; PutItem",
}
TENCENT = {
    "api": "INSERT verifications",
    "verify_upload": "SELECT verifications; GET cos; UPDATE verifications; Invoke",
    "run_check": (
        "SELECT verifications; SELECT admission; INSERT admission;"
        " UPDATE verifications; HEAD cos;"
        " UPDATE quota; UPDATE verifications; DetectReflectLivenessAndCompare;"
        " UPDATE verifications; GET vendor; PUT cos; UPDATE verifications; Invoke;"
        " DELETE admission; SELECT admission"
    ),
    "deliver_result": (
        "SELECT verifications; UPDATE endpoints; UPDATE verifications; POST canaryHook;"
        " UPDATE endpoints; UPDATE verifications"
    ),
}
"""What comes after the Invoke of run_check, nobody waits for."""

BESIDE = {"aws": 4, "tencent": 1}
"""Round trips beside others that are waited for: for the second file, and for a place at the vendor
while the bucket is asked."""


class Watched:
    """A journey's functions, and the round trips of the last run of each."""

    def __init__(self) -> None:
        self.trips: dict[str, list[RoundTrip]] = {}

    def around(self, invoke: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
        def watched(function: str, event: Any) -> Any:
            with noted() as trips:
                answer = invoke(function, event)
            self.trips[function] = trips
            return answer

        return watched

    def in_a_row(self) -> dict[str, str]:
        """What each function waited for, one after the other."""
        return {
            function: "; ".join(trip.what for trip in trips if not trip.is_beside)
            for function, trips in self.trips.items()
        }

    def beside(self) -> int:
        return sum(trip.is_beside for trips in self.trips.values() for trip in trips)

    def until_the_webhook(self) -> int:
        """How many are in a row from the last upload's event to the webhook's request."""
        names = [
            trip.what
            for function in ("verify_upload", "run_check", "deliver_result")
            for trip in self.trips[function]
            if not trip.is_beside
        ]
        # What run_check does after it has requested the webhook's step holds up nobody.
        started = max(
            index for index, name in enumerate(names) if name in ("SendMessage", "Invoke")
        )
        delivered = next(index for index, name in enumerate(names) if name == "POST canaryHook")
        own_end = names[started + 1 : delivered].count("DELETE admission") * 2
        return delivered + 1 - own_end


def travel(journey: aws.Journey | tencent.Journey) -> None:
    """The second verification of warm containers."""
    for _ in range(2):
        journey.upload(journey.create())
        journey.run_steps()


def says(cloud: str, count: int) -> bool:
    """Whether the benchmarks' page has this number in the cloud's row."""
    row = re.escape(cloud) + rf" \| {count} \|"
    return re.search(row, (ROOT / "docs" / "benchmarks.md").read_text("utf-8")) is not None


def test_on_aws(aws_journey: aws.Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched()
    monkeypatch.setattr(aws, "invoke", watched.around(lambdas.invoke))
    travel(aws_journey)

    assert watched.in_a_row() == AWS
    assert watched.beside() == BESIDE["aws"]
    assert says("AWS", watched.until_the_webhook())


def test_on_tencent_cloud(
    tencent_journey: tencent.Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched()
    monkeypatch.setattr(tencent_journey, "invoke", watched.around(tencent_journey.invoke))
    travel(tencent_journey)

    assert watched.in_a_row() == TENCENT
    assert watched.beside() == BESIDE["tencent"]
    assert says("Tencent Cloud", watched.until_the_webhook())
