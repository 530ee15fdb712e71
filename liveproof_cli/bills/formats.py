"""What the columns of a vendor's bill mean: formats as data, and the file of `--columns`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta, timezone
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from liveproof_cli.errors import CannotBeDone

FIELDS = ("request_id", "action", "region", "time", "count", "amount", "currency")
"""What a column may have. A row without a count is one call."""

_DATA = Path(__file__).with_name("formats.json")
_Names = Annotated[tuple[str, ...], Meta(min_length=1)]


class Format(Struct, frozen=True, forbid_unknown_fields=True):
    """The columns of a bill.

    Attributes:
        columns: by field, the names of the columns that may have it; the first one in the file.
        needs: the fields without which a file has another format.
        time_zone: of the bill's times and days, as ±HH:MM.
        items: the action that an item of the bill stands for, by the item's name.
        regions: the region that a place stands for, by its name in the bill.
        source: where this is known from.
        confirmed: whether it was compared with a real export.
    """

    columns: dict[str, _Names]
    needs: tuple[str, ...] = ()
    time_zone: Annotated[str, Meta(pattern=r"^[+-](0\d|1[0-4]):[0-5]\d$")] = "+08:00"
    items: dict[str, str] = {}
    regions: dict[str, str] = {}
    source: str = ""
    confirmed: bool = False

    @property
    def zone(self) -> timezone:
        """The bill's time zone."""
        return parse_zone(self.time_zone)


class _Data(Struct, frozen=True):
    formats: dict[str, Format]
    regions: dict[str, str]


def parse_zone(text: str) -> timezone:
    """A time zone from ±HH:MM."""
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def known_regions() -> Mapping[str, str]:
    """The region that a place stands for, by the names that bills may have for it."""
    return _data().regions


def named_format(path: Path) -> Format:
    """The format that a file of the user describes. Raises CannotBeDone."""
    try:
        chosen = msgspec.json.decode(path.read_bytes(), type=Format)
    except OSError as error:
        raise CannotBeDone(f"--columns {path}: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise CannotBeDone(f"--columns {path}: {error}") from None
    for field in (*chosen.columns, *chosen.needs):
        if field not in FIELDS:
            raise CannotBeDone(
                f"--columns {path}: there is no field {field}, only {', '.join(FIELDS)}"
            )
    return chosen


def find_format(header: Sequence[str]) -> tuple[str, Format]:
    """The known format that a bill with these columns has, and its name.

    Raises:
        CannotBeDone: none; the text names the columns.
    """
    for name, format in _data().formats.items():
        if all(set(format.columns[field]) & set(header) for field in format.needs):
            return name, format
    raise CannotBeDone(
        f"The bill has the columns {', '.join(header)}, which are those of no known format."
        " Say what they mean with --columns FILE."
    )


def _data() -> _Data:
    return msgspec.json.decode(_DATA.read_bytes(), type=_Data)
