"""Events that come again: every one three times, before, while and after it counts."""

from __future__ import annotations

from tests.acceptance.client import Client


def test_replaying_every_event_three_times_leaves_one_call_per_verification(
    client: Client,
) -> None:
    expected = {"passed": None, "rejected": "spoof"}
    started = {}
    for decision, scenario in expected.items():
        files = client.files(scenario)
        created = client.create(files)
        client.replay(created, 1)  # before the files are there
        client.upload(created, files)
        client.replay(created, 3)  # while they are being handled
        started[decision] = created
    for decision, created in started.items():
        assert client.outcome(created["id"])["decision"] == decision
    for created in started.values():
        client.replay(created, 3)  # long after
    client.wait_until_drained()
    assert len(client.paid_calls()) == len(started)
    for created in started.values():
        assert len(client.webhooks(created["id"])) == 1
        assert len(client.api.read(created["id"])["calls"]) == 1


def test_no_replayed_event_wears_out_its_tries(client: Client) -> None:
    created = client.start()
    client.outcome(created["id"])
    client.replay(created, 3)
    client.wait_until_drained()
    assert client.cloud.deployment.dead_letters() == 0
