"""`liveproof reconcile`: the ledger beside the vendor's bill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from liveproof.ports import Records
from tests.cli.ledgers import ACTION, HOUR_MS, REGION, call, id_of, lost, paid
from tests.support.command_line import Done, Liveproof
from tests.support.verifications import DAY_MS, NOW

pytestmark = pytest.mark.usefixtures("stored")

HEADER = "RequestId,Action,Region,Time,Amount,Currency"
TIME = "2026-11-18 19:06:40"
"""NOW in the vendor's time zone."""


@pytest.fixture
def stored(records: Records, named: Path) -> None:
    """Two billed calls, a lost one that was repeated, and one that was not billed."""
    records.save(paid(1, call(1, request_id="id-1")))
    records.save(paid(2, lost(1), call(2, at=NOW + 60_000, request_id="id-2")))
    records.save(paid(3, call(1, request_id="id-3", billable="no")))


def row(request_id: str, at: str = TIME, amount: str = "0.25") -> str:
    return f"{request_id},{ACTION},{REGION},{at},{amount},USD"


def reconcile(
    liveproof: Liveproof, folder: Path, lines: list[str], *options: str | Path,
    encoding: str = "utf-8",
) -> Done:  # fmt: skip
    bill = folder / "bill.csv"
    bill.write_bytes("\r\n".join(lines).encode(encoding))
    return liveproof("reconcile", bill, "--json", *options)


def findings(done: Done) -> list[tuple[str, str | None, str | None]]:
    return [
        (line["kind"], line["request_id"], line["verification"])
        for line in done.lines
        if line["record"] == "finding"
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_bill_that_agrees_ends_with_0(
    liveproof: Liveproof, tmp_path: Path, encoding: str
) -> None:
    header = HEADER.replace("Currency", "币种")
    done = reconcile(liveproof, tmp_path, [header, row("ID-1"), row("id-2")], encoding=encoding)
    assert done.status == 0, done.err
    # The lost call is not in the bill: worth knowing, and no difference.
    assert findings(done) == [("not_billed", None, id_of(2))]
    assert done.lines[-1] == {"record": "summary", "differences": 0}


def test_a_finding_names_its_line_in_the_file_although_cells_before_it_have_several(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    lines = [
        f'{HEADER},"Remark, of\r\ntwo lines"',
        f'{row("id-1")},"one\r\nand\r\nanother"',
        f'{row("stranger", at="2026-11-18 12:00:00")},"its\r\nown"',
        row("stranger-2", at="2026-11-18 12:00:00"),
        row("id-2", at="18th of November"),
    ]
    text = "\r\n".join(lines).split("\r\n")
    done = reconcile(liveproof, tmp_path, lines[:-1])
    named = {line["request_id"]: line["line"] for line in done.lines if line.get("line")}
    assert [text[named[name] - 1].partition(",")[0] for name in ("stranger", "stranger-2")] == [
        "stranger",
        "stranger-2",
    ]
    refused = reconcile(liveproof, tmp_path, lines)
    assert f"line {len(text)}:" in refused.err


def test_every_difference_is_found_by_the_request_id(liveproof: Liveproof, tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({ACTION: 0.25}))
    done = reconcile(
        liveproof,
        tmp_path,
        [
            HEADER,
            row("id-1", amount="0.30"),
            row("id-1"),
            row("id-3"),
            row("stranger", at="2026-11-18 12:00:00"),
        ],
        "--prices",
        prices,
    )
    assert done.status == 1
    assert findings(done) == [
        ("not_in_ledger", "stranger", None),
        ("not_billed", None, id_of(2)),
        ("not_in_bill", "id-2", id_of(2)),
        ("billed_twice", "id-1", id_of(1)),
        ("not_billable", "id-3", id_of(3)),
        ("amount", "id-1", id_of(1)),
    ]
    (total,) = [line for line in done.lines if line["record"] == "sum"]
    assert total == {
        "record": "sum", "action": ACTION, "day": "2026-11-18", "billed": 2, "unknown": 1,
        "not_billed": 1, "bill_calls": 4, "bill_amount": "1.05", "expected_amount": "0.50",
    }  # fmt: skip


def test_a_double_bill_shows_both_calls_of_the_verification(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    lines = [HEADER, row("id-1"), row("lost-one", at="2026-11-18 19:06:41"), row("id-2")]
    done = reconcile(liveproof, tmp_path, lines)
    assert done.status == 0
    assert findings(done) == [
        ("learned", "lost-one", id_of(2)),
        ("several_calls", None, id_of(2)),
    ]
    (several,) = [line for line in done.lines if line.get("kind") == "several_calls"]
    assert "lost-one" in several["detail"]
    assert "id-2" in several["detail"]


DETAILS = "Product Name,Component Name,Region,Usage Start Time,Component Usage,Total Cost"


def test_a_bill_without_request_ids_is_compared_by_numbers(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    place = "Southeast Asia (Singapore)"
    columns = {
        "columns": {"action": ["Component Name"], "region": ["Region"],
                    "time": ["Usage Start Time"], "count": ["Component Usage"]},
        "needs": ["action", "time", "count"],
        "items": {"Video liveness": ACTION},
    }  # fmt: skip
    mapping = tmp_path / "columns.json"
    mapping.write_text(json.dumps(columns))
    lines = [
        DETAILS,
        f"Face ID,Video liveness,{place},2026-11-18 00:00:00,{{}},0.5",
        f"CVM,CPU,{place},2026-11-18 00:00:00,7.5e1,1",
        "Sum,,,,,1.5",
    ]
    for count, status in (("2", 0), ("3", 0), ("4", 1), ("1", 1)):
        filled = [line.replace("{}", count) for line in lines]
        done = reconcile(liveproof, tmp_path, filled, "--columns", mapping)
        assert done.status == status, done.err
        assert "no RequestIds" in done.err
        assert "Columns that were not used: Product Name, Total Cost." in done.err
        assert "CPU (1)" in done.err
        assert "Lines without the values that count: 4" in done.err
        if status:
            (finding,) = [line for line in done.lines if line["record"] == "finding"]
            assert (finding["kind"], finding["region"]) == ("count", REGION)
            assert f"the bill has {count}, the ledger 2 to 3" in finding["detail"]


def test_a_day_is_one_of_the_bills_time_zone(
    liveproof: Liveproof, records: Records, tmp_path: Path
) -> None:
    """20:00 in UTC is the next day in UTC+8."""
    late = NOW + DAY_MS - NOW % DAY_MS - 4 * HOUR_MS
    records.save(paid(4, call(1, at=late, request_id="id-4")))
    done = reconcile(liveproof, tmp_path, [HEADER, row("id-4", at="2026-11-19 04:00:00")])
    assert done.status == 0
    (total,) = [line for line in done.lines if line["record"] == "sum"]
    assert (total["day"], total["billed"], total["bill_calls"]) == ("2026-11-19", 1, 1)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["A,B", "1,2"], "has the columns A, B, which are those of no known format"),
        (["RequestId,Time", "x,yesterday"], "line 2: 'yesterday' is no time"),
        (["RequestId,Time,Count", f"x,{TIME},1.5"], "'1.5' is no number of calls"),
        (["RequestId", "id-1"], "name --first-day and --last-day"),
        ([""], "it has no columns"),
    ],
)
def test_a_bill_that_cannot_be_read_says_where(
    liveproof: Liveproof, tmp_path: Path, lines: list[str], complaint: str
) -> None:
    done = reconcile(liveproof, tmp_path, lines)
    assert done.status == 1
    assert complaint in done.err
    assert done.out == ""


def test_a_list_of_request_ids_alone_is_enough_with_its_days(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    days = ("--first-day", "2026-11-18", "--last-day", "2026-11-18")
    done = reconcile(liveproof, tmp_path, ["RequestId", "id-1", "id-2"], *days)
    assert done.status == 0, done.err
    (total,) = [line for line in done.lines if line["record"] == "sum"]
    assert (total["action"], total["bill_calls"]) == (ACTION, 2)


def test_a_table_says_whether_they_agree(liveproof: Liveproof, tmp_path: Path) -> None:
    bill = tmp_path / "bill.csv"
    bill.write_text("\n".join([HEADER, row("id-1"), row("id-3")]))
    done = liveproof("reconcile", bill)
    assert done.status == 1
    assert done.out.splitlines()[0] == "differences: 2"
    assert done.out.splitlines()[-1] == "2 differences"


def test_a_mapping_names_only_fields_that_there_are(liveproof: Liveproof, tmp_path: Path) -> None:
    mapping = tmp_path / "columns.json"
    wrong: dict[str, Any] = {"columns": {"request": ["RequestId"]}}
    mapping.write_text(json.dumps(wrong))
    done = reconcile(liveproof, tmp_path, [HEADER, row("id-1")], "--columns", mapping)
    assert done.status == 1
    assert "no field request, only request_id" in done.err
