"""The Heartbeats port on virtual time. The sweep's write is in the costs of a month."""

from __future__ import annotations

from liveproof.heartbeats import Heartbeat


class SimulatedHeartbeats:
    """Nobody reads them."""

    def beat(self, name: str, at: int, detail: str = "") -> None:
        return

    def last(self, name: str) -> Heartbeat | None:
        return None
