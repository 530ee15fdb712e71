"""The emulator in a thread of the test's process."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import TypeVar

from liveproof_emulator.keys import Keys
from liveproof_emulator.senseid.cipher import Cipher, published
from liveproof_emulator.server import Emulator
from liveproof_emulator.testing.running import Running

Result = TypeVar("Result")

_WAIT_SECONDS = 10.0


class EmulatorThread(Running):
    """An emulator whose event loop runs in a background thread."""

    def __init__(
        self, calls_per_second: Mapping[str, int] | None = None, cipher: Cipher | None = None
    ) -> None:
        keys = Keys()
        self.cipher = cipher or published()
        self.secret_id = keys.account.secret_id
        self.secret_key = keys.account.secret_key
        self.temporary = keys.temporary
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)
        self._thread.start()
        try:
            self._emulator = self._on_loop(
                lambda: Emulator(keys, calls_per_second=calls_per_second, cipher=self.cipher)
            )
            starting = asyncio.run_coroutine_threadsafe(self._emulator.start(), self._loop)
            self.url = starting.result(_WAIT_SECONDS)
        except BaseException:
            self._close_loop()
            raise

    def reset(self) -> None:
        self._on_loop(self._emulator.reset)

    def scenarios(self) -> dict[str, object]:
        return self._on_loop(self._emulator.controls.scenarios)

    def stop(self) -> None:
        if self._loop.is_closed():
            return
        stopping = asyncio.run_coroutine_threadsafe(self._emulator.stop(), self._loop)
        try:
            stopping.result(_WAIT_SECONDS)
        finally:
            self._close_loop()

    def _ledger(self) -> list[dict[str, object]]:
        return self._on_loop(self._emulator.controls.ledger.calls)

    def _control(self, name: str, body: dict[str, object]) -> dict[str, object]:
        controls = self._emulator.controls
        control = {
            "faults": controls.faults,
            "clock": controls.clock,
            "keys": controls.keys,
            "notifications": controls.notifications,
        }[name]
        return self._on_loop(lambda: control(body))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _close_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WAIT_SECONDS)
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def _on_loop(self, work: Callable[[], Result]) -> Result:
        async def run() -> Result:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(_WAIT_SECONDS)


def start(
    calls_per_second: Mapping[str, int] | None = None, cipher: Cipher | None = None
) -> EmulatorThread:
    """Serve on 127.0.0.1, on a free port, from a background thread.

    Args:
        calls_per_second: limits by action, instead of the documented ones.
        cipher: SenseID's key and IV; None: the published ones.
    """
    return EmulatorThread(calls_per_second, cipher)
