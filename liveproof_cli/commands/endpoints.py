"""`liveproof endpoints`: how the clients' webhook endpoints are."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from liveproof.api.views import webhook_health_view
from liveproof.clock import now_ms
from liveproof.domain.endpoint_health import State
from liveproof.domain.endpoint_permits import Endpoint
from liveproof_cli import output
from liveproof_cli.command import choices, command
from liveproof_cli.deployments.opening import open_deployment

_COLUMNS = (
    "client",
    "state",
    "since",
    "failures",
    "last answer",
    "next probe",
    "in flight",
    "test",
)


@command
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client's.")
@click.option(
    "--state", type=click.Choice([state.value for state in State]), help="Only those in this state."
)
def run(clients: tuple[str, ...], state: str | None) -> None:
    """Show how the clients' webhook endpoints are.

    Deliveries to a paused endpoint wait and lose no attempt; they are sent when it is back. Without
    --client it shows every client that has a verification.
    """
    now = now_ms()
    with open_deployment() as deployment:
        rows = []
        for client in clients or deployment.clients():
            endpoint = deployment.endpoints.load(client)
            if state is None or endpoint.health.state.value == state:
                rows.append((client, endpoint))
    if choices().as_json:
        output.print_json(_document(client, endpoint, now) for client, endpoint in rows)
    else:
        output.print_table(_COLUMNS, [_cells(client, endpoint, now) for client, endpoint in rows])


def _document(client: str, endpoint: Endpoint, now: int) -> dict[str, Any]:
    view: dict[str, Any] = msgspec.to_builtins(webhook_health_view(endpoint, now))
    return {"client": client, **view}


def _cells(client: str, endpoint: Endpoint, now: int) -> list[str]:
    health = endpoint.health
    since = health.paused_at or health.failing_since
    probe = output.duration(max(0, health.probe_at - now)) if health.paused_at else ""
    return [
        client,
        health.state.value,
        output.duration(now - since) if since else "",
        str(health.failures or ""),
        health.failed_answer,
        f"in {probe}" if probe else "",
        str(len(endpoint.in_flight(now)) or ""),
        _test(endpoint),
    ]


def _test(endpoint: Endpoint) -> str:
    health = endpoint.health
    if not health.tested_at:
        return "none"
    accepted = health.proven_at == health.tested_at
    return "accepted" if accepted else f"refused: {health.test_answer}"
