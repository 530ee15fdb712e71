"""SCF's seven-field cron: seconds, minutes, hours, day, month, weekday, year."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIELDS = ("seconds", "minutes", "hours", "day", "month", "weekday", "year")
_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?\Z", re.ASCII)


class CronError(ValueError):
    """The expression is none, or says something that cannot be read here."""


@dataclass(frozen=True)
class Cron:
    """When a timer is due: in these minutes of every hour, at these seconds."""

    text: str
    minutes: frozenset[int]
    seconds: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Reads an expression.

        Only seconds and minutes may be other than `*`: SCF documents neither the time zone of the
        rest nor the numbers of weekdays without doubt, so a guess here would be no test of it.

        Raises:
            CronError: with what is wrong.
        """
        fields = text.split()
        if len(fields) != len(_FIELDS):
            raise CronError(f"{text!r} has {len(fields)} fields and not seven")
        for name, field in zip(_FIELDS[2:], fields[2:], strict=True):
            if field != "*":
                raise CronError(f"{text!r}: only * can be read for {name}, not {field!r}")
        return cls(text, _values(text, "minutes", fields[1]), _values(text, "seconds", fields[0]))

    def next_after(self, now: float) -> int:
        """The first due time after `now`, both in Unix seconds."""
        second = int(now) + 1
        # Hours begin at full multiples of 3600 in every zone but a few: see `parse`.
        while second // 60 % 60 not in self.minutes or second % 60 not in self.seconds:
            second += 1
        return second


def _values(text: str, name: str, field: str) -> frozenset[int]:
    values: set[int] = set()
    for part in field.split(","):
        match = _PART.match(part)
        if match is None:
            raise CronError(f"{text!r}: {name} cannot be {field!r}")
        first, last, step = match.groups()
        low = int(first or 0)
        high = int(last or (59 if first is None or step else low))
        if not low <= high <= 59 or step == "0":
            raise CronError(f"{text!r}: {name} are from 0 to 59, not {field!r}")
        values.update(range(low, high + 1, int(step or 1)))
    return frozenset(values)
