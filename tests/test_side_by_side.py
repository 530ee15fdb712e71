"""Several waits at the same time: all have ended afterwards, and an error comes to the caller."""

from __future__ import annotations

import threading

import pytest

from liveproof.side_by_side import side_by_side
from tests.support.crash_points import Killed


def test_tasks_wait_at_the_same_time_and_results_keep_their_order() -> None:
    all_there = threading.Barrier(3, timeout=10)

    def wait(number: int) -> int:
        all_there.wait()
        return number

    assert side_by_side([lambda: wait(1), lambda: wait(2), lambda: wait(3)]) == [1, 2, 3]


def test_nothing_has_no_results() -> None:
    assert side_by_side([]) == []


@pytest.mark.parametrize("error", [ValueError("second"), Killed("second")])
def test_the_first_error_is_raised_when_every_task_has_ended(error: BaseException) -> None:
    ended = []

    def fail(with_error: BaseException) -> None:
        raise with_error

    tasks = [
        lambda: ended.append("first"),
        lambda: fail(error),
        lambda: fail(ValueError("third")),
        lambda: ended.append("fourth"),
    ]
    with pytest.raises(type(error), match="second"):
        side_by_side(tasks)
    assert sorted(ended) == ["first", "fourth"]
