"""The plans whose answers docs/planning.md shows."""

from __future__ import annotations

from functools import partial

from simulator.latency import Percentiles
from simulator.plan import Arrival, Cloud, Plan, Troubles, burst, steady

CLOUDS: tuple[Cloud, ...] = ("aws", "tencent")
BURST, LARGE = 1_000, 100_000
SMALL_CLIENT = "small"
_SHOP = {"shop": 1.0}
_LOAD_SECONDS = 1200.0
_BESIDE_SECONDS = 180.0
_BESIDE_RATE = 5.0
LOADS = (0.5, 0.8, 0.95)
CONCURRENCIES = (5, 15, 60)
LATENCIES = (2.0, 8.0)
OUTAGE = (60.0, 180.0)


def plans() -> dict[str, Plan]:
    """Every plan by its name, the large ones last."""
    named: dict[str, Plan] = {}
    for cloud in CLOUDS:
        plan = partial(Plan, cloud=cloud)
        reflect = tuple(burst(BURST, "reflect", _SHOP))
        photo = tuple(burst(BURST, "photo", _SHOP))
        beside = list(steady(_BESIDE_RATE, _BESIDE_SECONDS, "photo", _SHOP, 1))
        named[f"{cloud}.reflect"] = plan(arrivals=reflect)
        named[f"{cloud}.photo"] = plan(arrivals=photo)
        named[f"{cloud}.small_alone"] = plan(
            arrivals=tuple(burst(5, "reflect", {SMALL_CLIENT: 1.0}, at=30.0))
        )
        named[f"{cloud}.clients"] = plan(
            arrivals=(*reflect, *burst(5, "reflect", {SMALL_CLIENT: 1.0}, at=30.0))
        )
        named[f"{cloud}.photo_alone"] = plan(arrivals=tuple(beside))
        named[f"{cloud}.checks"] = plan(arrivals=_together(list(reflect), beside))
        for share in LOADS:
            rate = share * Plan(cloud=cloud, arrivals=()).quota_of("reflect")
            named[f"{cloud}.load.{share:g}"] = plan(
                arrivals=tuple(steady(rate, _LOAD_SECONDS, "reflect", _SHOP, 1))
            )
        for seconds in LATENCIES:
            latency = Percentiles(seconds * 1000, seconds * 1600)
            named[f"{cloud}.latency.{seconds:g}"] = plan(
                arrivals=reflect, latency={"reflect": latency}
            )
        named[f"{cloud}.outage"] = plan(arrivals=reflect, troubles=Troubles(outages=(OUTAGE,)))
    for concurrency in CONCURRENCIES:
        named[f"aws.concurrency.{concurrency}"] = Plan(
            cloud="aws",
            arrivals=tuple(burst(BURST, "reflect", _SHOP)),
            concurrency={"reflect": concurrency},
        )
    for cloud in CLOUDS:
        named[f"{cloud}.large"] = Plan(cloud=cloud, arrivals=tuple(burst(LARGE, "reflect", _SHOP)))
    return named


def _together(*loads: list[Arrival]) -> tuple[Arrival, ...]:
    return tuple(sorted(arrival for load in loads for arrival in load))
