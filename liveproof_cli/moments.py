"""Times on the command line: so long ago, a day, or a moment."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import click

from liveproof.clock import now_ms

_AGO = re.compile(r"(\d{1,6})(s|min|h|d)")
_MS = {"s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


class Moment(click.ParamType[int]):
    """Milliseconds since 1970 from `30min`, `3h` or `2d` ago, `2026-11-26`, or RFC 3339 in UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        ago = _AGO.fullmatch(value)
        if ago is not None:
            return max(0, now_ms() - int(ago[1]) * _MS[ago[2]])
        try:
            moment = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", value))
        except ValueError:
            self.fail(f"{value!r} is none of 30min, 3h, 2d, 2026-11-26, 2026-11-26T10:00:00Z")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return max(0, round(moment.timestamp() * 1000))
