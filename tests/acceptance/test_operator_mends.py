"""An operator finds what is broken with `liveproof doctor`, mends it as the page says, and looks
again: docs/doctor.md. Each deployment is broken in several ways at once, since an examination asks
every function."""

from __future__ import annotations

from typing import Any

from tests.acceptance.client import Client
from tests.acceptance.shell import SECONDS, Operator
from tests.docs.pages import blocks


def amiss(findings: list[dict[str, Any]]) -> dict[str, str]:
    """What each probe says that did not find everything well; warnings are no fault."""
    return {
        line["probe"]: line["says"]
        for line in findings
        if line["verdict"] in ("failed", "could_not_ask")
    }


def test_an_operator_finds_and_mends_a_lost_trigger_and_two_broken_secrets(
    client: Client, operator: Operator
) -> None:
    client.cloud.deployment.sweep()
    secrets = client.cloud.secrets()
    try:
        with client.cloud.deployment.without_trigger():
            stranded = client.start()
            client.cloud.deployment.put_secrets(
                {
                    "api_keys": {"clients": {"demo": {"keys_sha": []}}},
                    "vendor_key": {**secrets["vendor_key"], "secret_key": "revoked"},
                }
            )
            lines = operator.lines("doctor", "--wait", "2", status=1)
    finally:
        client.cloud.deployment.put_secrets(secrets)

    findings, says = amiss(lines), {line["probe"]: line["says"] for line in lines}
    assert "with the same code" in says["versions"]
    assert " wait " in says["queues"]
    assert " at once" in says["account"]
    assert set(findings) == {"bucket-trigger", "secrets", "vendor"}
    assert "every request to the API is refused" in findings["secrets"]
    assert "demo" in findings["secrets"]
    assert "AuthFailure" in findings["vendor"]
    doctor, _, redrive = [block.text for block in blocks("sh", "doctor.md")]
    assert "FAILED" not in operator.type(doctor)

    # What has just been created would be looked for two minutes later.
    dry_run = f"{redrive.splitlines()[0]} --awaited-for 0"
    assert stranded["id"] in operator.type(dry_run)
    assert client.api.read(stranded["id"])["status"] == "awaiting_upload"
    (sent,) = _of(stranded, operator.lines("redrive", "--yes", "--awaited-for", "0"))
    assert sent["sent"]
    assert client.outcome(stranded["id"], 2 * SECONDS)["decision"] == "passed"


def _of(created: dict[str, Any], lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["id"] == created["id"]]
