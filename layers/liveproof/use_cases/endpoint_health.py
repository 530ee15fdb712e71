"""What attempts and tests say of a client's endpoint: recorded, logged and counted."""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.endpoint_health import Change, Report
from liveproof.domain.endpoint_permits import Permit
from liveproof.observability import Event, Metric


def give_back(dependencies: Dependencies, permit: Permit, report: Report) -> Change:
    """Give a permit back and record how its attempt ended. Raises nothing.

    The attempt was made, and its delivery must be saved. A permit that cannot be given back ends by
    itself; the next attempt says the same of the endpoint.
    """
    try:
        change = dependencies.endpoints.give_back(permit, report, dependencies.clock.now())
    except Exception as error:  # noqa: BLE001 - the delivery is what counts
        observability.record_failure(Event.PERMIT_KEPT, error)
        return Change()
    _tell(permit.client, report, change)
    return change


def record_test(dependencies: Dependencies, client: str, report: Report) -> Change:
    """Record how the endpoint took a `webhook.test`. An accepted one ends a pause."""
    change = dependencies.endpoints.record_test(client, report, dependencies.clock.now())
    _tell(client, report, change)
    return change


def _tell(client: str, report: Report, change: Change) -> None:
    """The metric counts, the line names the client: a metric per client would have no bound."""
    if change.paused:
        observability.record(Event.ENDPOINT_PAUSED, client=client, answer=report.answer)
        observability.count(Metric.ENDPOINT_PAUSED)
    if change.resumed:
        observability.record(Event.ENDPOINT_RESUMED, client=client)
