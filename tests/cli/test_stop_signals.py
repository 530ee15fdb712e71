"""Waiting for Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from liveproof_cli.stop_signals import stop_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_arrived_before_the_wait_ends_it(number: signal.Signals) -> None:
    with stop_signals() as wait:
        signal.raise_signal(number)
        wait()


def test_a_signal_that_another_thread_took_ends_the_wait() -> None:
    def take() -> None:
        time.sleep(0.1)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    with stop_signals() as wait:
        thread = threading.Thread(target=take)
        thread.start()
        wait()
        thread.join()


def test_another_signal_does_not_end_the_wait() -> None:
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        with stop_signals() as wait:
            signal.raise_signal(signal.SIGUSR1)
            alarm = threading.Timer(0.2, signal.raise_signal, [signal.SIGTERM])
            started = time.monotonic()
            alarm.start()
            wait()
            assert time.monotonic() - started >= 0.2
            alarm.join()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_afterwards_signals_do_what_they_did_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_signals() as wait:
        signal.raise_signal(signal.SIGINT)
        wait()
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.set_wakeup_fd(-1) == -1
