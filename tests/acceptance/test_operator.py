"""An operator's session with the command `liveproof`, on each local cloud: every command that
needs a deployment, as one types them."""

from __future__ import annotations

import time
from pathlib import Path

from tests.acceptance.client import PAID_ACTION, Client
from tests.acceptance.shell import SECONDS, WHY, Operator


def test_an_operator_finds_explains_and_mends(client: Client, operator: Operator) -> None:
    decided = client.outcome(client.start(reference="order-7")["id"], 2 * SECONDS)
    (listed,) = operator.lines("list", "--reference", "order-7", "--decision", "passed")
    assert (listed["id"], listed["delivery"]) == (decided["id"], "delivered")
    shown = operator.show(decided["id"])
    assert [event["what"] for event in shown["timeline"]][-2:] == ["decided", "attempt"]
    assert decided["id"] in operator.run("show", decided["id"])

    operator.run("resend", decided["id"], *WHY)
    client.outcome(decided["id"], 2 * SECONDS, sweeping=True)
    assert len(client.webhooks(decided["id"])) == 2

    assert "is not held" in operator.run("release", decided["id"], *WHY, status=1)
    assert "only what is ready" in operator.run("hold", decided["id"], *WHY, status=1)


def test_an_operator_holds_and_releases(client: Client, operator: Operator) -> None:
    client.cloud.emulator.fault(PAID_ACTION, "engine-error", 4)
    made = client.start()
    operator.hold(made["id"])
    assert [line["id"] for line in operator.lines("list", "--state", "held")] == [made["id"]]

    operator.run("release", "--all", "--yes", *WHY)

    # What is left of the vendor's errors comes first.
    assert client.outcome(made["id"], 2 * SECONDS, sweeping=True)["decision"] == "passed"
    kinds = [one["kind"] for one in operator.show(made["id"])["interventions"]]
    assert kinds == ["hold", "release"]


def test_an_operator_settles_a_call_whose_answer_is_lost(
    client: Client, operator: Operator
) -> None:
    client.cloud.emulator.fault(PAID_ACTION, "reset-after-body")
    client.cloud.emulator.fault(PAID_ACTION, "engine-error", 6)
    made = client.start()
    deadline = time.monotonic() + SECONDS
    while "unknown" not in [call["outcome"] for call in operator.show(made["id"])["calls"]]:
        assert time.monotonic() < deadline
    operator.hold(made["id"])

    operator.run("settle", made["id"], "--outcome", "billed", *WHY)

    outcome = client.outcome(made["id"], 2 * SECONDS, sweeping=True)
    assert (outcome["decision"], outcome["reason"]["code"]) == ("error", "call_outcome_unknown")
    assert outcome["calls"][0]["billable"] == "yes"


def test_an_operator_proves_a_decision(client: Client, operator: Operator, tmp_path: Path) -> None:
    decided = client.outcome(client.start()["id"], 2 * SECONDS)
    folder = tmp_path / "evidence"
    deadline = time.monotonic() + SECONDS
    while not (folder / "manifest.json").exists():
        assert time.monotonic() < deadline
        operator.run("evidence", "get", decided["id"], "--to", str(folder))
    keys = f"{client.cloud.api}/.well-known/liveproof/webhook-keys.json"

    assert "genuine" in operator.run("evidence", "verify", str(folder), "--keys", keys)
    whats = [line["what"] for line in operator.lines("show", decided["id"], "--audit")]
    assert whats[0] == "created"
    assert "manifest_signed" in whats
    (folder / "best_frame.jpg").write_bytes(b"another face")
    operator.run("evidence", "verify", str(folder), "--keys", keys, status=1)
