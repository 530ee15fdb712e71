"""What is paid for, on each local cloud: the ledger beside the vendor's bill, and a redo."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.acceptance.client import PAID_ACTION, Client
from tests.docs.commands import LIVEPROOF
from tests.docs.pages import ROOT, blocks

WHY = ("--why", "the account was paid again", "--yes")


def liveproof(client: Client, folder: Path, script: str, status: int = 0) -> str:
    """A page's commands in bash, with `bill.csv` in the folder; the lines that they print."""
    environment = {
        "PATH": os.environ["PATH"],
        "LIVEPROOF_DEPLOYMENT": client.cloud.document()["deployment"],
    }
    done = subprocess.run(
        ["bash", "-c", f"set -eu\n{script.replace(LIVEPROOF, str(ROOT / LIVEPROOF))}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def bill(client: Client, tmp_path: Path) -> list[list[str]]:
    """The vendor's bill of one verification that was billed twice, in its time zone: the first
    answer was lost."""
    client.cloud.emulator.fault(PAID_ACTION, "reset-after-body")
    client.outcome(client.start()["id"], 120)
    calls = [call for call in client.paid_calls() if call["billed"] == "yes"]
    assert len(calls) == 2
    eight_hours_later = 8 * 3600
    rows = []
    for call in calls:
        at = time.strptime(call["at"][:19], "%Y-%m-%dT%H:%M:%S")
        local = time.gmtime(time.mktime(at) - time.timezone + eight_hours_later)
        when = time.strftime("%Y-%m-%d %H:%M:%S", local)
        rows.append([call["request_id"], call["action"], call["region"], when, "1"])
    return rows


def write(folder: Path, rows: list[list[str]]) -> None:
    with (folder / "bill.csv").open("w", newline="", encoding="gb18030") as file:
        csv.writer(file).writerows([["请求ID", "接口名称", "地域", "调用时间", "计费次数"], *rows])


def test_a_double_bill_is_found_by_the_page(
    client: Client, bill: list[list[str]], tmp_path: Path
) -> None:
    export, compare = [block.text for block in blocks("sh", "reconcile.md")]
    liveproof(client, tmp_path, export)
    exported = list(csv.DictReader((tmp_path / "ledger.csv").read_text("utf-8").splitlines()))
    ids = {row["request_id"].lower() for row in exported}
    assert bill[1][0].lower() in ids

    # Other tests of this cloud were billed as well: the bill has what the ledger knows of them.
    billed_rows = [
        [row["request_id"], row["action"], row["region"], "", "1"]
        for row in exported
        if row["billed"] == "yes" and row["request_id"].lower() != bill[1][0].lower()
    ]
    write(tmp_path, [*bill, *billed_rows])
    printed = liveproof(client, tmp_path, compare)
    assert "The bill and the ledger agree" in printed
    assert "several_calls" in printed

    write(tmp_path, [*bill, *billed_rows, bill[0], bill[1]])
    printed = liveproof(client, tmp_path, compare.strip() + " --json", 1)
    findings = [json.loads(line) for line in printed.splitlines()]
    twice = [line["request_id"] for line in findings if line.get("kind") == "billed_twice"]
    assert bill[1][0].lower() in twice


def test_an_error_of_the_account_is_redone_without_an_upload(
    client: Client, tmp_path: Path
) -> None:
    client.cloud.emulator.fault("VideoLivenessCompare", "in-arrears")
    ended = client.outcome(client.start(check="video", reference="order-9")["id"], 120)
    assert (ended["decision"], ended["reason"]["code"]) == ("error", "vendor_account")
    command = f"{LIVEPROOF} redo {ended['id']} --json {' '.join(map(repr, WHY))}"
    made = json.loads(liveproof(client, tmp_path, command))

    redone = client.outcome(made["id"], 120, sweeping=True)
    assert (redone["decision"], redone["redo_of"]) == ("passed", ended["id"])
    assert redone["reference"] == "order-9"
    (webhook,) = client.webhooks(made["id"])
    assert webhook["data"]["redo_of"] == ended["id"]
    assert "was redone as" in liveproof(client, tmp_path, f"{command} 2>&1", 1)
