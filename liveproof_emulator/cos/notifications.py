"""Notifying a receiver of each new object in a bucket, as COS notifies a function.

Events are sent in the background: the answer to the upload does not wait for them. A receiver that
does not answer with 2xx is tried again.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import aiohttp

# Our own numbers: in all about a minute, then the event is dropped and the log says so.
_RETRY_AFTER_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 20.0)
_TIMEOUT_SECONDS = 10.0

Log = Callable[[dict[str, object]], None]


@dataclass(frozen=True)
class Subscription:
    """The receiver of a bucket's events. Each is sent `copies` times, after `delay_seconds`."""

    url: str
    copies: int = 1
    delay_seconds: float = 0.0


class Notifications:
    """The subscriptions, at most one per bucket. Call `open` and `close` on the server's loop."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, Subscription] = {}
        self._in_flight: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the pool of connections."""
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False)

    async def close(self) -> None:
        """Drop the events in flight and close every connection."""
        tasks = list(self._in_flight)
        self.reset()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def reset(self) -> None:
        """Drop the events in flight. The subscriptions stay."""
        for task in self._in_flight:
            task.cancel()

    def subscribe(self, host: str, subscription: Subscription | None) -> None:
        """Set the receiver of a bucket's events; None: no receiver any more."""
        if subscription is None:
            self._subscriptions.pop(host, None)
        else:
            self._subscriptions[host] = subscription

    def is_subscribed(self, host: str) -> bool:
        """Whether a bucket has a receiver."""
        return host in self._subscriptions

    def document(self) -> dict[str, object]:
        """The subscriptions, and how many events are in flight."""
        subscriptions = [
            {"bucket": host, **asdict(subscription)}
            for host, subscription in self._subscriptions.items()
        ]
        return {"notifications": subscriptions, "waiting": len(self._in_flight)}

    def send(self, host: str, event: Mapping[str, object], log: Log) -> None:
        """Send an event to the bucket's receiver, in the background."""
        subscription = self._subscriptions[host]
        for _ in range(subscription.copies):
            task = asyncio.get_running_loop().create_task(self._deliver(subscription, event, log))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)

    async def _deliver(
        self, subscription: Subscription, event: Mapping[str, object], log: Log
    ) -> None:
        await asyncio.sleep(subscription.delay_seconds)
        for seconds in _RETRY_AFTER_SECONDS:
            if await self._post(subscription.url, event):
                return
            await asyncio.sleep(seconds)
        log({"call": "notification", "fault": "dropped: its receiver did not take it"})

    async def _post(self, url: str, event: Mapping[str, object]) -> bool:
        if self._session is None:
            raise RuntimeError("the emulator is not running")
        try:
            async with self._session.post(url, json=event, allow_redirects=False) as reply:
                return 200 <= reply.status < 300
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError):
            return False
