"""Reading a bill: encoding, delimiter, columns, times, numbers. A row is in memory at a time."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Protocol, TextIO

from liveproof.prices import paid_actions
from liveproof_cli.bills.formats import Format, find_format, known_regions
from liveproof_cli.errors import CannotBeDone

_ENCODINGS = ("utf-8-sig", "gb18030")
_SAMPLE = 64 * 1024
_CELL_LIMIT = 1_000_000
_TIME_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
               "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")  # fmt: skip
_NUMBER = re.compile(r"[^0-9.eE+-]")


class _Reader(Protocol):
    """What `csv.reader` makes."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(frozen=True)
class BillRow:
    """A row of a bill.

    Attributes:
        line: its number in the file.
        request_id: of the call, in lower case; None where the bill has none.
        action: as the ledger names it; the item's own name where no action is known for it.
        is_ours: whether the action is one that liveproof pays for.
        region: as the ledger names it, or as the bill does; None where the bill has none.
        at: ms since 1970; None where the bill has only a day, or no time.
        day: in the bill's time zone; None where the bill has no time.
        count: how many calls the row bills.
        amount: None where the bill has none.
    """

    line: int
    request_id: str | None
    action: str
    is_ours: bool
    region: str | None
    at: int | None
    day: str | None
    count: int
    amount: Decimal | None


@dataclass
class Bill:
    """A bill that is open.

    Attributes:
        form: the name of its format; None for the user's own.
        meaning: what its columns mean.
        columns: the column of each field that the file has.
        unknown: the columns that were not used.
        rows: read once.
        skipped: lines without any value in the columns that count, such as sums at the end.
        currencies: that were seen, so far.
    """

    form: str | None
    meaning: Format
    encoding: str
    zone: timezone
    columns: dict[str, str]
    unknown: list[str]
    rows: Iterator[BillRow]
    skipped: list[int] = field(default_factory=list)
    currencies: set[str] = field(default_factory=set)

    @property
    def has_request_ids(self) -> bool:
        """Whether its rows can be found in the ledger one by one."""
        return "request_id" in self.columns


@contextmanager
def open_bill(path: Path, named: Format | None, zone: timezone | None) -> Iterator[Bill]:
    """A vendor's bill in CSV, in UTF-8 or GB18030.

    Args:
        named: the user's own format; None: one of the known ones.
        zone: of the bill's times; None: as the format says.

    Raises:
        CannotBeDone: it cannot be read, or has another form. `rows` raise the same, with the line.
    """
    csv.field_size_limit(_CELL_LIMIT)
    try:
        encoding = _encoding(path)
        with path.open(encoding=encoding, newline="") as file:
            yield _bill(file, path, encoding, named, zone)
    except OSError as error:
        raise CannotBeDone(f"{path}: {error.strerror}") from None
    except (csv.Error, UnicodeError) as error:
        raise CannotBeDone(f"{path}: it is no CSV that can be read: {error}") from None


def _encoding(path: Path) -> str:
    """The first encoding in which the whole file can be read."""
    for encoding in _ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(_SAMPLE):
                    pass
        except UnicodeError:
            continue
        return encoding
    raise CannotBeDone(f"{path}: it is neither UTF-8 nor GB18030")


def _bill(
    file: TextIO, path: Path, encoding: str, named: Format | None, zone: timezone | None
) -> Bill:
    first = file.readline()
    delimiter = max(",\t;", key=first.count)
    file.seek(0)
    reader = csv.reader(file, delimiter=delimiter)
    header = [name.strip().strip("`").strip() for name in next(reader, [])]
    if not any(header):
        raise CannotBeDone(f"{path}: it has no columns")
    form, meaning = (None, named) if named is not None else find_format(header)
    columns = {
        name: column
        for name, candidates in meaning.columns.items()
        for column in [next((one for one in candidates if one in header), None)]
        if column is not None
    }
    missing = [name for name in meaning.needs if name not in columns]
    if missing:
        raise CannotBeDone(
            f"{path}: there is no column for {', '.join(missing)}. The file has:"
            f" {', '.join(header)}"
        )
    used = set(columns.values())
    bill = Bill(
        form=form,
        meaning=meaning,
        encoding=encoding,
        zone=zone or meaning.zone,
        columns=columns,
        unknown=[name for name in header if name and name not in used],
        rows=iter(()),
    )
    places = {name: header.index(column) for name, column in columns.items()}
    bill.rows = _rows(reader, bill, places, path)
    return bill


def _rows(reader: _Reader, bill: Bill, places: dict[str, int], path: Path) -> Iterator[BillRow]:
    last = reader.line_num
    for cells in reader:
        # A cell may have several lines: a row is named by its first.
        line, last = last + 1, reader.line_num
        values = {
            name: cells[place].strip().strip("`\t").strip() if place < len(cells) else ""
            for name, place in places.items()
        }
        if not all(values[name] for name in bill.meaning.needs):
            if any(cells):
                bill.skipped.append(line)
            continue
        try:
            yield _row(line, values, bill)
        except ValueError as error:
            raise CannotBeDone(f"{path}, line {line}: {error}") from None


def _row(line: int, values: dict[str, str], bill: Bill) -> BillRow:
    item = values.get("action", "")
    action = bill.meaning.items.get(item, item)
    region = values.get("region") or None
    if region is not None:
        region = bill.meaning.regions.get(region) or known_regions().get(region, region)
    at, day = _time(values["time"], bill.zone) if values.get("time") else (None, None)
    if values.get("currency"):
        bill.currencies.add(values["currency"])
    return BillRow(
        line=line,
        request_id=values["request_id"].lower() if values.get("request_id") else None,
        action=action,
        is_ours=action in paid_actions(),
        region=region,
        at=at,
        day=day,
        count=_count(values.get("count", "")),
        amount=_amount(values["amount"]) if values.get("amount") else None,
    )


def _time(text: str, zone: timezone) -> tuple[int | None, str]:
    """The moment, where the text has one, and the day in the bill's time zone."""
    for form in _TIME_FORMS:
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
        has_time = "%H" in form
        return (round(moment.timestamp() * 1000) if has_time else None), moment.date().isoformat()
    try:
        moment = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text))
    except ValueError:
        raise ValueError(f"{text!r} is no time such as 2026-11-26 18:00:00") from None
    moment = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    return round(moment.timestamp() * 1000), moment.date().isoformat()


def _amount(text: str) -> Decimal:
    """Raises ValueError."""
    try:
        return Decimal(_NUMBER.sub("", text))
    except InvalidOperation:
        raise ValueError(f"{text!r} is no amount") from None


def _count(text: str) -> int:
    """Raises ValueError."""
    if not text:
        return 1
    number = _amount(text)
    if number != number.to_integral_value():
        raise ValueError(f"{text!r} is no number of calls")
    return int(number)
