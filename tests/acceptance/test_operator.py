"""An operator's session with the command `liveproof`, on each local cloud: every command that
needs a deployment, as one types them."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.client import PAID_ACTION, Client
from tests.docs.pages import ROOT

_SECONDS = 60
_WHY = ("--why", "ticket 7")


class Operator:
    """A shell in which LIVEPROOF_DEPLOYMENT names the local cloud."""

    def __init__(self, deployment: str) -> None:
        self._environment = {"PATH": os.environ["PATH"], "LIVEPROOF_DEPLOYMENT": deployment}

    def run(self, *arguments: str, status: int = 0) -> str:
        """The output of a command that ends with this status; of one that failed, the error's."""
        done = subprocess.run(
            [ROOT / ".venv" / "bin" / "liveproof", *arguments],
            env=self._environment, capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        return done.stderr if status else done.stdout

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*arguments, "--json").splitlines()]

    def show(self, verification_id: str) -> dict[str, Any]:
        (shown,) = self.lines("show", verification_id)
        return shown

    def hold(self, verification_id: str) -> None:
        """Holds a verification as soon as it may be: not before its files are proven, and not while
        a function is at the vendor."""
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                self.run("hold", verification_id, *_WHY)
            except AssertionError:
                assert time.monotonic() < deadline, self.show(verification_id)
            else:
                return


@pytest.fixture
def operator(client: Client) -> Operator:
    return Operator(client.cloud.document()["deployment"])


def test_an_operator_finds_explains_and_mends(client: Client, operator: Operator) -> None:
    decided = client.outcome(client.start(reference="order-7")["id"], 2 * _SECONDS)
    (listed,) = operator.lines("list", "--reference", "order-7", "--decision", "passed")
    assert (listed["id"], listed["delivery"]) == (decided["id"], "delivered")
    shown = operator.show(decided["id"])
    assert [event["what"] for event in shown["timeline"]][-2:] == ["decided", "attempt"]
    assert decided["id"] in operator.run("show", decided["id"])

    operator.run("resend", decided["id"], *_WHY)
    client.cloud.deployment.sweep()
    deadline = time.monotonic() + _SECONDS
    while len(client.webhooks(decided["id"])) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.2)

    assert "is not held" in operator.run("release", decided["id"], *_WHY, status=1)
    assert "only what is ready" in operator.run("hold", decided["id"], *_WHY, status=1)


def test_an_operator_holds_and_releases(client: Client, operator: Operator) -> None:
    client.cloud.emulator.fault(PAID_ACTION, "engine-error", 4)
    made = client.start()
    operator.hold(made["id"])
    assert [line["id"] for line in operator.lines("list", "--state", "held")] == [made["id"]]

    operator.run("release", "--all", "--yes", *_WHY)
    client.cloud.deployment.sweep()

    # What is left of the vendor's errors comes first.
    assert client.outcome(made["id"], 2 * _SECONDS)["decision"] == "passed"
    kinds = [one["kind"] for one in operator.show(made["id"])["interventions"]]
    assert kinds == ["hold", "release"]


def test_an_operator_settles_a_call_whose_answer_is_lost(
    client: Client, operator: Operator
) -> None:
    client.cloud.emulator.fault(PAID_ACTION, "reset-after-body")
    client.cloud.emulator.fault(PAID_ACTION, "engine-error", 6)
    made = client.start()
    deadline = time.monotonic() + _SECONDS
    while "unknown" not in [call["outcome"] for call in operator.show(made["id"])["calls"]]:
        assert time.monotonic() < deadline
    operator.hold(made["id"])

    operator.run("settle", made["id"], "--outcome", "billed", *_WHY)
    client.cloud.deployment.sweep()

    outcome = client.outcome(made["id"], 2 * _SECONDS)
    assert (outcome["decision"], outcome["reason"]["code"]) == ("error", "call_outcome_unknown")
    assert outcome["calls"][0]["billable"] == "yes"


def test_an_operator_proves_a_decision(client: Client, operator: Operator, tmp_path: Path) -> None:
    decided = client.outcome(client.start()["id"], 2 * _SECONDS)
    folder = tmp_path / "evidence"
    deadline = time.monotonic() + _SECONDS
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
