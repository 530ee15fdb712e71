"""Ordinary blocking code on virtual time."""

from __future__ import annotations

from functools import partial

import pytest

from simulator.engine import EPOCH_MS, Engine, Killed, SimulatedClock, Stranded


def test_work_that_waits_is_interleaved_in_the_order_of_its_times() -> None:
    engine, order = Engine(), []

    def work(name: str, wait: float) -> None:
        for _ in range(2):
            engine.hold(wait)
            order.append((name, engine.now))

    engine.spawn(lambda: work("slow", 30))
    engine.spawn(lambda: work("quick", 20))
    engine.after(100, engine.stop)
    engine.run()

    assert order == [("quick", 20_000), ("slow", 30_000), ("quick", 40_000), ("slow", 60_000)]


def test_workers_of_one_moment_begin_in_the_order_of_their_start() -> None:
    engine = Engine()
    order: list[int] = []
    for number in range(5):
        engine.spawn(partial(order.append, number))
    engine.after(1, engine.stop)
    engine.run()

    assert order == [0, 1, 2, 3, 4]


def test_a_sleep_ends_at_its_time_and_not_before() -> None:
    engine = Engine()
    clock, order = SimulatedClock(engine), []

    def work() -> None:
        engine.hold(0.7)
        clock.sleep_until(EPOCH_MS + 1000)
        order.append(clock.now())
        clock.sleep_until(EPOCH_MS)
        order.append(clock.now())
        engine.stop()

    engine.spawn(work)
    engine.run()

    assert order == [EPOCH_MS + 1000, EPOCH_MS + 1000]


def test_a_worker_is_killed_where_it_waits_and_cleans_up() -> None:
    engine = Engine()
    order: list[object] = []

    def work() -> None:
        try:
            engine.hold(1000)
        except Exception:  # noqa: BLE001 - a kill is none
            order.append("went on")
        finally:
            order.append(engine.now)

    worker = engine.spawn(work)
    engine.after(10, lambda: engine.kill(worker))
    engine.after(2000, engine.stop)
    engine.run()
    engine.kill(worker)

    assert order == [10_000]
    assert not issubclass(Killed, Exception)


def test_an_error_that_nobody_catches_ends_the_run() -> None:
    engine = Engine()

    def work() -> None:
        engine.hold(5)
        raise ZeroDivisionError

    engine.spawn(work)
    with pytest.raises(ZeroDivisionError):
        engine.run()


def test_a_run_in_which_nothing_is_left_to_happen_says_so() -> None:
    engine = Engine()
    engine.spawn(lambda: engine.hold(1))

    with pytest.raises(Stranded):
        engine.run()
