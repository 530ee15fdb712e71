"""What the warm-up of a deployment is measured as."""

from __future__ import annotations

from bench.bursts import warm_up
from bench.verifications import Uploaded


def test_each_five_seconds_of_uploads_have_their_median() -> None:
    started = [Uploaded(str(number), 100.0 + number) for number in range(12)]
    took = [9.0, 8.0, 7.0, 6.0, 5.0, 3.0, 3.0, 2.0, 1.0, 1.0, 0.5, 0.5]
    arrived = {one.id: one.at + seconds for one, seconds in zip(started, took, strict=True)}

    figure = warm_up.figure("aws", started, arrived)

    assert (figure.name, figure.value, figure.baseline) == ("warm_up.aws", 7.0, 0.5)
    assert figure.baseline_name == "the last 5 of 15 seconds"
    assert figure.extra == {
        "photos_per_second": 5,
        "from_0_s": 7.0,
        "from_5_s": 2.0,
        "from_10_s": 0.5,
    }
