"""The emulator inside a test: `with liveproof_emulator.testing.start() as vendor: …`."""

import asyncio
import base64
import io
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import lru_cache
from types import TracebackType
from typing import Any, TypeVar

from PIL import Image

from liveproof_emulator.keys import Key, Keys, Permission
from liveproof_emulator.senseid import service
from liveproof_emulator.senseid.cipher import Cipher, published
from liveproof_emulator.server import Emulator

Result = TypeVar("Result")

_WAIT_SECONDS = 10.0
_PICTURES_PER_SECOND = 10


class Running:
    """A running emulator. Every method may be called from any thread.

    Attributes:
        url: scheme, host and port, without a slash at the end.
        secret_id: of the account's key.
        secret_key: of the account's key.
        temporary: a temporary key with its token.
        cipher: SenseID's key and IV, and how files are encrypted with them.
    """

    url: str
    secret_id: str
    secret_key: str
    temporary: Key
    cipher: Cipher

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

    @property
    def endpoint(self) -> str:
        """Host and port, as the SDK's HttpProfile takes them."""
        return self.url.removeprefix("http://")

    @property
    def senseid_url(self) -> str:
        """What SenseID's paths are added to."""
        return self.url + service.PREFIX

    def calls(self, action: str | None = None) -> list[dict[str, object]]:
        """The ledger (see `GET /_emulator/calls`), of one action or of all.

        SenseID's calls have the path as their action.
        """
        entries = self._on_loop(self._emulator.world.ledger.calls)
        return [entry for entry in entries if action is None or entry["action"] == action]

    def reset(self) -> None:
        """Forget calls, objects, faults and rates; set the clock right."""
        self._on_loop(self._emulator.world.reset)

    def fault(self, action: str, fault: str, times: int = 1) -> None:
        """Let the next `times` calls of `action` meet a fault or scenario.

        `action` may be one of SenseID's paths or an operation of the storage as well. ValueError
        if there is no such action or fault.
        """
        self._control("faults", {"action": action, "fault": fault, "times": times})

    def advance(self, seconds: float) -> None:
        """Let time pass for everybody: URLs and objects expire, signatures stay valid."""
        self._control("clock", {"advance_seconds": seconds})

    def skew(self, seconds: float) -> None:
        """Set the vendor's clock apart from its callers'."""
        self._control("clock", {"skew_seconds": seconds})

    def issue_key(self, permissions: Iterable[tuple[str, str]] | None = None) -> Key:
        """A new temporary key of the customer's.

        Args:
            permissions: all that it may do, as action and resource (`keys.Permission`);
                everything if left out.
        """
        given = None if permissions is None else [Permission(*each) for each in permissions]
        listed = None if given is None else [asdict(each) for each in given]
        made = self._control("keys", {} if listed is None else {"permissions": listed})
        return Key(str(made["secret_id"]), str(made["secret_key"]), str(made["token"]))

    def notify(
        self, bucket: str, url: str | None, copies: int = 1, delay_seconds: float = 0.0
    ) -> None:
        """Let `url` be told of each new object in a bucket (its host), `copies` times and so many
        seconds late; None: nobody is told any more."""
        sent = {} if url is None else {"url": url, "copies": copies, "delay_seconds": delay_seconds}
        self._control("notifications", {"bucket": bucket, **sent})

    def scenarios(self) -> dict[str, object]:
        """Names and meanings, as `GET /_emulator/scenarios` has them."""
        return self._on_loop(self._emulator.controls.scenarios)

    def stop(self) -> None:
        """Stop serving; a second time does nothing."""
        if self._loop.is_closed():
            return
        stopping = asyncio.run_coroutine_threadsafe(self._emulator.stop(), self._loop)
        try:
            stopping.result(_WAIT_SECONDS)
        finally:
            self._close_loop()

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _close_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WAIT_SECONDS)
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def _control(self, name: str, body: dict[str, object]) -> dict[str, object]:
        controls = self._emulator.controls
        work = {
            "faults": controls.faults,
            "clock": controls.clock,
            "keys": controls.keys,
            "notifications": controls.notifications,
        }[name]
        return self._on_loop(lambda: work(body))

    def _on_loop(self, work: Callable[[], Result]) -> Result:
        async def run() -> Result:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(_WAIT_SECONDS)


def start(
    calls_per_second: Mapping[str, int] | None = None, cipher: Cipher | None = None
) -> Running:
    """Serve on 127.0.0.1, on a free port, in a background thread.

    Args:
        calls_per_second: other limits than the documented ones, by action.
        cipher: SenseID's key and IV; the published ones if left out.
    """
    return Running(calls_per_second, cipher)


def photo(scenario: str | None = None, *, width: int = 240, height: int = 320) -> bytes:
    """A JPEG that the emulator takes, with the line that chooses a scenario."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=80)
    return written.getvalue() + _marker(scenario)


def video(
    scenario: str | None = None, seconds: float = 3, *, width: int = 240, height: int = 320
) -> bytes:
    """A small MP4 that the emulator takes, with the line that chooses a scenario; needs PyAV.

    Ten pictures a second, each of another colour: green turns red from the first to the last.
    """
    return _encoded(round(seconds * _PICTURES_PER_SECOND), width, height) + _marker(scenario)


@lru_cache(maxsize=16)
def _encoded(count: int, width: int, height: int) -> bytes:
    import av

    frames: Any = av.VideoFrame
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as opened:
        stream = opened.add_stream("mpeg4", rate=_PICTURES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(count):
            red = 255 * index // max(1, count - 1)
            picture = Image.new("RGB", (width, height), (red, 255 - red, 64))
            opened.mux(stream.encode(frames.from_image(picture)))
        opened.mux(stream.encode(None))
    return written.getvalue()


def device_data(scenario: str | None = None) -> bytes:
    """What the mobile SDK tells of its device, as base64 text of JSON, with the scenario's line."""
    value = {"platform": 2, "select_data": "{}"}
    return base64.b64encode(json.dumps(value).encode()) + _marker(scenario)


def live_data(scenario: str | None = None, *, size: int = 2048) -> bytes:
    """Bytes in the place of the mobile SDK's package, with the line that chooses a scenario."""
    return b"\x1f\x8b" + bytes(size - 2) + _marker(scenario)


def _marker(scenario: str | None) -> bytes:
    return b"" if scenario is None else f"\nliveproof-scenario: {scenario}\n".encode()
