"""Telling somebody of each new object in a bucket, as COS tells a function.

Sending is apart from the upload that caused it: its answer does not wait, and a receiver that is
not there yet is asked again.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import aiohttp

# Our own: in all about a minute, then the event is dropped, and the log says so.
_WAITS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 20.0)
_ANSWER_SECONDS = 10.0

Log = Callable[[dict[str, object]], None]


@dataclass(frozen=True)
class Subscription:
    """Who is told of a bucket's objects; each event comes `copies` times, `delay_seconds` late."""

    url: str
    copies: int = 1
    delay_seconds: float = 0.0


class Notifications:
    """Every bucket's subscription, one at most. `open` and `close` belong to the server's loop."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, Subscription] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Start the pool of connections."""
        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False)

    async def close(self) -> None:
        """Drop what is on its way and close every connection."""
        tasks = list(self._sending)
        self.reset()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def reset(self) -> None:
        """Drop what is on its way; the subscriptions stay."""
        for task in self._sending:
            task.cancel()

    def subscribe(self, host: str, subscription: Subscription | None) -> None:
        """Tell this receiver, and nobody else, of a bucket's objects from now on; None: nobody."""
        if subscription is None:
            self._subscriptions.pop(host, None)
        else:
            self._subscriptions[host] = subscription

    def wanted(self, host: str) -> bool:
        """Whether somebody is told of a bucket's objects."""
        return host in self._subscriptions

    def document(self) -> dict[str, object]:
        """The subscriptions, and how many events are on their way."""
        listed = [{"bucket": host, **asdict(each)} for host, each in self._subscriptions.items()]
        return {"notifications": listed, "waiting": len(self._sending)}

    def send(self, host: str, event: Mapping[str, object], log: Log) -> None:
        """Send an event to the bucket's receiver, in the background."""
        subscription = self._subscriptions[host]
        for _ in range(subscription.copies):
            task = asyncio.get_running_loop().create_task(self._deliver(subscription, event, log))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _deliver(
        self, subscription: Subscription, event: Mapping[str, object], log: Log
    ) -> None:
        await asyncio.sleep(subscription.delay_seconds)
        for wait in _WAITS:
            if await self._told(subscription.url, event):
                return
            await asyncio.sleep(wait)
        log({"call": "notification", "fault": "dropped: its receiver did not take it"})

    async def _told(self, url: str, event: Mapping[str, object]) -> bool:
        if self._session is None:
            raise RuntimeError("the emulator is not running")
        try:
            async with self._session.post(url, json=event, allow_redirects=False) as reply:
                return 200 <= reply.status < 300
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError):
            return False
