"""Events that come again: every one three times, before, while and after it counts."""

from __future__ import annotations

from tests.acceptance.journey import Journeys


def test_replaying_every_event_three_times_leaves_one_call_per_verification(
    journeys: Journeys,
) -> None:
    expected = {"passed": None, "rejected": "spoof"}
    started = {}
    for decision, scenario in expected.items():
        files = journeys.files(scenario)
        created = journeys.create(files)
        journeys.replay(created, 1)  # before the files are there
        journeys.upload(created, files)
        journeys.replay(created, 3)  # while they are being handled
        started[decision] = created
    for decision, created in started.items():
        assert journeys.outcome(created["id"])["decision"] == decision
    for created in started.values():
        journeys.replay(created, 3)  # long after
    journeys.wait_until_drained()
    assert len(journeys.paid_calls()) == len(started)
    for created in started.values():
        assert len(journeys.webhooks(created["id"])) == 1
        assert len(journeys.api.read(created["id"])["calls"]) == 1


def test_no_replayed_event_wears_out_its_tries(journeys: Journeys) -> None:
    created = journeys.start()
    journeys.outcome(created["id"])
    journeys.replay(created, 3)
    journeys.wait_until_drained()
    assert journeys.cloud.deployment.dead_letters() == 0
