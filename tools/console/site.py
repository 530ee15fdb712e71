"""What a console is about: a deployment's API, the keys for it, and a local cloud's extras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from liveproof import __version__, facts
from tools import ROOT

BUILT_PAGE = ROOT / "console" / "dist"
"""What `make console` builds."""

_LOOPBACK = ("127.0.0.1", "localhost")
_LOCAL_BUCKETS = ("http://127.0.0.1:*", "http://localhost:*")
_CLOUD_BUCKETS = ("https://*.amazonaws.com", "https://*.myqcloud.com")


class Extras(Protocol):
    """What a local cloud can do beside its API. Every method may block, and raises OSError or
    ExtraRefused."""

    def about(self) -> Mapping[str, Any]:
        """What the page shows of it: `cloud`, `webhook_url`, `scenarios`, `faults`, `prices`."""

    def calls(self) -> list[dict[str, Any]]:
        """The vendor calls that the emulator has answered, oldest first."""

    def webhooks(self) -> list[dict[str, Any]]:
        """The webhooks that the local receiver got, oldest first."""

    def listen(self, arrived: Callable[[], None]) -> None:
        """From now on `arrived` is called, from any thread, after each webhook."""

    def queue_fault(self, action: str, fault: str, times: int) -> None:
        """Let the next calls of an action meet a fault or a scenario."""

    def clear(self) -> None:
        """Forget the faults that are queued, and the ledger."""

    def sample(self, check: str, name: str) -> tuple[bytes, str]:
        """A file for an input of a check, with its content type."""

    def forward_webhooks(self, client: str, url: str | None) -> None:
        """Hand the webhooks of a client on to a URL as well, or to nobody."""


class ExtraRefused(ValueError):
    """The local cloud does not take this. The text is for people."""


@dataclass(frozen=True)
class Site:
    """What a console is about.

    Attributes:
        api: the address of the API, without a slash at the end.
        keys: the API keys by the client's name; they never leave this process but for the API.
        seconds: between two looks at the API while a page is open.
        extras: of a local cloud; None for a deployment.
        page: the folder of the built page.
    """

    api: str
    keys: Mapping[str, str] = field(repr=False)
    seconds: float = 3.0
    extras: Extras | None = None
    page: Path = BUILT_PAGE

    @property
    def bucket_sources(self) -> tuple[str, ...]:
        """Where the page may send files, as a Content-Security-Policy names it."""
        is_local = urlsplit(self.api).hostname in _LOOPBACK
        return _LOCAL_BUCKETS if is_local else _CLOUD_BUCKETS

    def setup(self) -> dict[str, Any]:
        """What the page has to know at its start."""
        extras = self.extras
        return {
            "version": __version__,
            "api": self.api,
            "clients": list(self.keys),
            "checks": {name: _check(check) for name, check in facts.checks().items()},
            "local": None if extras is None else extras.about(),
        }


def _check(check: facts.CheckFacts) -> dict[str, Any]:
    """A check as the page offers it; `max_bytes` is the default where it is a setting."""
    return {
        "question": check.question,
        "apis": list(check.apis),
        "score": check.score,
        "threshold": check.threshold,
        "threshold_max": check.threshold_max,
        "inputs": {
            name: {
                "content_types": list(input.content_types),
                "max_bytes": input.max_bytes or input.default_max_bytes,
                "pixels": msgspec.to_builtins(input.pixels),
            }
            for name, input in check.inputs.items()
        },
    }
