"""How the clients' webhook endpoints are."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof.clock import now_ms
from liveproof.domain.endpoint_health import State
from liveproof_cli import output
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok, warning
from liveproof_cli.doctor.probe import Probe


def _examine(examination: Examination) -> Iterator[Finding]:
    known_clients = {
        client for _, trial in examination.trials("webhooks") for client in trial.clients
    }
    clients = sorted(known_clients | set(examination.deployment.clients()))
    now, well = now_ms(), 0
    for client in clients:
        health = examination.deployment.endpoints.load(client).health
        answer = f" (the last answer: {health.failed_answer})" if health.failed_answer else ""
        if health.state is State.PAUSED:
            since = output.duration(now - health.paused_at)
            yield failed(
                f"the endpoint of {client} is paused since {since}{answer}: its webhooks wait",
                f"tell the client; `liveproof webhook test {client}` shows when it is mended.",
            )
        elif health.state is State.FAILING:
            since = output.duration(now - health.failing_since)
            yield warning(
                f"the endpoint of {client} has been failing for {since}{answer}",
                f"tell the client; `liveproof webhook test {client}` says what is wrong.",
            )
        elif health.state is State.UNPROVEN:
            yield warning(
                f"the endpoint of {client} has accepted nothing yet",
                f"send it a test: `liveproof webhook test {client}`.",
            )
        else:
            well += 1
    if well == len(clients):
        yield ok(f"the endpoints of {well} clients accept webhooks")


PROBE = Probe("endpoints", "Do the clients' webhook endpoints accept?", _examine)
