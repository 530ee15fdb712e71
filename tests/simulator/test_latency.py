"""Latencies follow their percentiles and their seed."""

from __future__ import annotations

import pytest

from simulator.latency import Latencies, Latency, Percentiles, of_cloud


def test_samples_have_the_percentiles() -> None:
    latency = Latency(Percentiles(100, 250), "seed")
    samples = sorted(latency.sample() for _ in range(20_000))

    assert samples[10_000] == pytest.approx(100, rel=0.03)
    assert samples[19_000] == pytest.approx(250, rel=0.05)


def test_a_seed_repeats_its_stream_whatever_else_is_drawn() -> None:
    one, other = Latencies("aws", 7), Latencies("aws", 7)
    first = [one.sample("quota") for _ in range(5)]
    for _ in range(3):
        other.sample("bucket_open")

    assert [other.sample("quota") for _ in range(5)] == first
    assert [Latencies("aws", 8).sample("quota") for _ in range(5)] != first


def test_every_latency_says_where_its_number_is_from() -> None:
    for cloud in ("aws", "tencent"):
        for name, latency in of_cloud(cloud).items():
            assert latency.source, name
            assert 0 < latency.p50 <= latency.p95


@pytest.mark.parametrize("wrong", [Percentiles(0, 1), Percentiles(2, 1)])
def test_a_latency_that_cannot_be_is_refused(wrong: Percentiles) -> None:
    with pytest.raises(ValueError, match="p50"):
        Latency(wrong, "seed")


def test_an_operation_that_no_cloud_has_is_refused() -> None:
    with pytest.raises(ValueError, match="tea"):
        Latencies("aws", 1, {"tea": Percentiles(1, 2)})
