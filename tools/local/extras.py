"""What a local cloud's console has beside the API: the emulator, the receiver, sample files."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from liveproof import facts
from liveproof.outbound.urls import Target
from liveproof.prices import documented_prices, paid_actions
from tools.console.site import ExtraRefused
from tools.local.clients import LocalClient
from tools.local.emulator import EmulatorProcess
from tools.local.receiver import ReceivedWebhook, Receiver
from tools.processes import ToolError
from tools.webhooks.diagnosis import diagnose
from tools.webhooks.forwarding import require_target

_T = TypeVar("_T")


class LocalExtras:
    """The extras of a local cloud; `tools.console.site.Extras` says what each does."""

    def __init__(
        self,
        cloud: str,
        clients: tuple[LocalClient, ...],
        receiver: Receiver,
        vendor: EmulatorProcess,
        receiver_url: str,
    ) -> None:
        self._cloud, self._receiver, self._vendor = cloud, receiver, vendor
        self._clients = {client.name: client for client in clients}
        self._url = receiver_url
        self._judged: dict[ReceivedWebhook, dict[str, Any]] = {}

    def about(self) -> Mapping[str, Any]:
        """Its cloud, its receiver, what the emulator can be told, and what calls cost."""
        scenarios = _answer_of(self._vendor.scenarios)
        endpoints = self._receiver.endpoints
        return {
            "cloud": self._cloud,
            "receiver": self._url,
            "forwarding": {
                name: _url(endpoints[client.path].target) for name, client in self._clients.items()
            },
            "scenarios": scenarios["actions"],
            "faults": scenarios["faults"],
            "prices": documented_prices(),
            "paid_actions": list(paid_actions()),
        }

    def calls(self) -> list[dict[str, Any]]:
        """The emulator's ledger."""
        return _answer_of(self._vendor.calls)

    def webhooks(self) -> list[dict[str, Any]]:
        """What the receiver got, judged by the client's keys."""
        of_path = {client.path: client for client in self._clients.values()}
        before, received = self._judged, self._receiver.received()
        # The console asks all the time, and a verdict on a webhook tries many causes.
        self._judged = {
            webhook: before.get(webhook) or _document(webhook, of_path.get(webhook.path))
            for webhook in received
        }
        return list(self._judged.values())

    def listen(self, arrived: Callable[[], None]) -> None:
        """Calls `arrived` after each webhook."""
        self._receiver.on_arrival = arrived

    def queue_fault(self, action: str, fault: str, times: int) -> None:
        """Tells the emulator."""
        self._control(lambda: self._vendor.fault(action, fault, times))

    def clear(self) -> None:
        """Tells the emulator."""
        self._control(self._vendor.reset)

    def sample(self, check: str, name: str) -> tuple[bytes, str]:
        """A file that the emulator accepts, with a line at its end that no other has."""
        if check not in facts.checks() or name not in facts.checks()[check].inputs:
            raise ExtraRefused(f"There is no input {name} of a check {check}")
        # Imported by the first sample: the whole emulator comes with it.
        from liveproof_emulator import testing

        makers: dict[str, tuple[Callable[[], bytes], str]] = {
            "live_data": (testing.live_data, "application/gzip"),
            "image": (testing.photo, "image/jpeg"),
            "video": (testing.video, "video/mp4"),
        }
        make, content_type = makers[name]
        return make() + f"\nsample {uuid.uuid4()}\n".encode(), content_type

    def forward_webhooks(self, client: str, url: str | None) -> None:
        """Changes where the receiver hands webhooks on to."""
        if client not in self._clients:
            raise ExtraRefused(f"There is no client {client}")
        try:
            target = None if url is None else require_target(url)
        except ValueError as error:
            raise ExtraRefused(f"{url}: {error}") from None
        self._receiver.endpoints[self._clients[client].path].target = target

    def _control(self, act: Callable[[], None]) -> None:
        try:
            act()
        except ToolError as error:
            raise ExtraRefused(str(error)) from None


def _answer_of(ask: Callable[[], _T]) -> _T:
    """What the emulator answers. Raises OSError."""
    try:
        return ask()
    except ToolError as error:
        raise OSError(str(error)) from None


def _url(target: Target | None) -> str | None:
    if target is None:
        return None
    return f"{'https' if target.origin.tls else 'http'}://{target.authority}{target.path}"


def _document(webhook: ReceivedWebhook, client: LocalClient | None) -> dict[str, Any]:
    """A webhook with its verdict, and why it is not verified if it is not."""
    document: dict[str, Any] = {
        **webhook.document(),
        "client": client.name if client else None,
        "verification": webhook.verification_id(),
        "at": webhook.received_at,
        "versions": [],
        "causes": [],
    }
    if client is not None:
        keys = (client.secret, client.public_key)
        body = webhook.body.encode()
        diagnosis = diagnose(webhook.headers, body, keys, webhook.received_at)
        document["versions"] = list(diagnosis.versions)
        document["causes"] = [finding.document() for finding in diagnosis.findings]
    return document
