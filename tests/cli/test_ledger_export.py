"""`liveproof ledger export`: a row for each paid call, of all clients."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from liveproof.domain.ledger import CallState
from liveproof.ports import Records
from liveproof_cli import listing
from tests.cli.ledgers import ACTION, REGION, call, id_of, lost, paid
from tests.support.command_line import Liveproof
from tests.support.verifications import DAY_MS, NOW, numbered

pytestmark = pytest.mark.usefixtures("stored")


@pytest.fixture
def stored(records: Records, named: Path) -> None:
    intended = call(at=NOW, state=CallState.INTENT, called_at=None, settled_at=None, outcome=None,
                    code=None, request_id=None, billable=None)  # fmt: skip
    records.save(paid(1, call(1), client="shop", reference="Ada Lovelace"))
    records.save(paid(2, lost(1), call(2, at=NOW + DAY_MS), client="bank"))
    records.save(paid(3, intended, client="bank"))
    records.save(numbered(4))


def test_a_row_says_what_was_called_and_what_it_cost(liveproof: Liveproof, tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({ACTION: 0.25}))
    done = liveproof("ledger", "export", "--client", "shop", "--prices", prices)
    (row,) = csv.DictReader(done.out.splitlines())
    assert done.status == 0
    assert row == {
        "verification": id_of(1),
        "client": "shop",
        "check": "video",
        "call": "1",
        "action": ACTION,
        "api_version": "2018-03-01",
        "region": REGION,
        "request_id": "Request-1",
        "state": "settled",
        "intent_at": "2026-11-18T11:06:39.000Z",
        "called_at": "2026-11-18T11:06:40.000Z",
        "settled_at": "2026-11-18T11:06:42.000Z",
        "outcome": "answered",
        "code": "Success",
        "billed": "yes",
        "price": "0.25",
    }


def test_every_call_has_a_row_and_no_row_names_a_person(liveproof: Liveproof) -> None:
    done = liveproof("ledger", "export", "--json")
    seen = [(row["client"], row["call"], row["billed"], row["price"]) for row in done.lines]
    assert seen == [
        ("shop", 1, "yes", None),
        ("bank", 1, "unknown", None),
        ("bank", 2, "yes", None),
        ("bank", 1, "no", None),
    ]
    assert "Ada" not in done.out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--since", "2026-11-19"], [2]),
        (["--until", "2026-11-19"], [1, 1, 1]),
        (["--check", "photo"], []),
        (["--check", "video", "--client", "bank"], [1, 2, 1]),
    ],
)
def test_a_period_is_that_of_the_calls(
    liveproof: Liveproof, options: list[str], expected: list[int]
) -> None:
    done = liveproof("ledger", "export", "--format", "jsonl", *options)
    assert [row["call"] for row in done.lines] == expected


def test_a_call_that_a_hold_delayed_for_a_month_is_in_its_period(
    liveproof: Liveproof, records: Records
) -> None:
    """As long as `hold` may hold it, and the bucket may keep its uploads (uploadsExpireDays)."""
    records.save(paid(6, call(at=NOW + 30 * DAY_MS), client="inn"))
    done = liveproof("ledger", "export", "--json", "--since", "2026-12-17", "--client", "inn")
    assert [row["called_at"] for row in done.lines] == ["2026-12-18T11:06:40.000Z"]


def test_an_export_goes_on_where_a_list_would_stop(
    liveproof: Liveproof, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_PAGE", 1)
    monkeypatch.setattr(listing, "_MOST_PAGES", 1)
    assert len(liveproof("ledger", "export", "--json").lines) == 4


def test_a_formula_is_exported_as_text(liveproof: Liveproof, records: Records) -> None:
    records.save(paid(5, call(request_id="=1+1"), client="inn"))
    done = liveproof("ledger", "export", "--client", "inn")
    assert ",'=1+1," in done.out


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("{", "truncated"), ('{"Nothing": 1}', "no action Nothing"), ('{"x": -1}', ">= 0")],
)
def test_a_broken_list_of_prices_is_refused(
    liveproof: Liveproof, tmp_path: Path, text: str, complaint: str
) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text(text)
    done = liveproof("ledger", "export", "--prices", prices)
    assert done.status == 1
    assert complaint in done.err
