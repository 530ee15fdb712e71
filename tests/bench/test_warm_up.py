"""The figure of a deployment that nobody has used yet."""

from __future__ import annotations

from bench.warm_up import figure


def test_the_first_ten_seconds_stand_beside_the_last_and_cold_starts_have_an_end() -> None:
    took = [(second, 3.0) for second in range(8)]
    took += [(second, 0.2) for second in range(8, 20)]
    took += [(20, 0.5)]
    took += [(second, 0.2) for second in range(21, 40)]

    measured = figure("aws", took)

    assert (measured.value, measured.baseline) == (3_000, 200)
    assert measured.extra == {"warm_after_s": 20, "longest_s": 3.0}


def test_a_cloud_that_is_warm_from_the_start_has_no_cold_start() -> None:
    measured = figure("tencent", [(second, 0.2) for second in range(40)])

    assert (measured.ratio, measured.extra["warm_after_s"]) == (1, 0)
