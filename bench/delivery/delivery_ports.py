"""The ports of `deliver_result` in memory, with the real way to the endpoint."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as replace_field
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bench.in_memory import FileBucket, NoCloud, OneRecord, bag_for, declared
from liveproof import facts
from liveproof.clock import now_ms
from liveproof.dependencies import Dependencies
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.endpoint_health import Change, Report
from liveproof.domain.endpoint_permits import Endpoint, Permit, Turn, give_back, take_permit
from liveproof.domain.lifecycle import decided, input_proven
from liveproof.domain.verification import Proof, Verification
from liveproof.endpoints import policy_of
from liveproof.ports import Conflict, IdempotencyClaim
from liveproof.use_cases.conclude import verdict_of
from liveproof.webhooks.sender import HttpWebhookSender

CLIENT = "bench"
"""As `declared` names it."""


@dataclass(frozen=True)
class Sent:
    """A webhook that left, and the endpoint's status."""

    headers: dict[str, str]
    body: bytes
    status: int | None


class _Records(OneRecord):
    """Records as JSON, as the SQL store keeps them."""

    def __init__(self, verifications: list[Verification]) -> None:
        super().__init__(verifications[0])
        self._all = {
            verification.id: msgspec.json.encode(verification) for verification in verifications
        }

    def load(self, verification_id: str) -> Verification | None:
        return msgspec.json.decode(self._all[verification_id], type=Verification)

    def save(
        self, verification: Verification, claim: IdempotencyClaim | None = None
    ) -> Verification:
        stored = msgspec.json.decode(self._all[verification.id], type=Verification)
        if stored.version != verification.version:
            raise Conflict(verification.id)
        saved = replace(verification, version=verification.version + 1)
        self._all[saved.id] = msgspec.json.encode(saved)
        return saved


class _Endpoints(NoCloud):
    """The row of one endpoint, which is also what the secrets name."""

    def __init__(self, dependencies: Dependencies, url: str) -> None:
        self._policy, self._row = policy_of(dependencies.settings), Endpoint()
        secret = "whsec_" + base64.b64encode(bytes(32)).decode()
        self._document = json.dumps({"endpoints": {CLIENT: {"url": url, "secrets": [secret]}}})

    def get(self, name: str) -> bytes:
        return self._document.encode()

    def refresh(self, name: str) -> bool:
        return False

    def take_permit(self, client: str, now: int, *, waited: bool) -> Permit | Turn:
        self._row, taken = take_permit(self._row, self._policy, client, now, waited=waited)
        return taken

    def give_back(self, permit: Permit, report: Report, now: int) -> Change:
        self._row, change = give_back(self._row, self._policy, permit, report, now)
        return change


class _Noting:
    """The real sender, which keeps what it sent."""

    def __init__(self, sender: HttpWebhookSender, sent: list[Sent]) -> None:
        self._sender, self._sent = sender, sent

    def send(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds_left: float
    ) -> WebhookResponse:
        response = self._sender.send(url, headers, body, seconds_left)
        self._sent.append(Sent(dict(headers), body, response.status))
        return response


def decided_verifications(count: int) -> list[Verification]:
    """Verifications whose webhooks are due."""
    return [_decided() for _ in range(count)]


def _decided() -> Verification:
    verification, _ = declared("0" * 32, 1)
    now = now_ms()
    for name in verification.inputs:
        proof = Proof(sha256="0" * 64, etag="etag")
        verification = input_proven(verification, name, f"uploads/{name}", proof, now)
    after = decided(verification, verdict_of("passed", now, "Success", {"similarity": 92.5}))
    return replace(after, version=1, due_at=now - 1)


def bag(verifications: list[Verification], url: str) -> tuple[Dependencies, list[Sent]]:
    """A bag that sends their webhooks to a URL, and the list of those that it has sent."""
    nothing = bag_for(verifications[0], FileBucket(Path()))
    endpoints, sent = _Endpoints(nothing, url), list[Sent]()
    sender = HttpWebhookSender(facts.webhook_schedule(), nothing.clock, public_only=False)
    ports = replace_field(
        nothing,
        records=_Records(verifications),
        secrets=endpoints,
        endpoints=endpoints,
        webhook_sender=_Noting(sender, sent),
    )
    return ports, sent
