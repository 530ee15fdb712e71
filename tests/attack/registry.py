"""Every side."""

from __future__ import annotations

from tests.attack import client, uploader
from tests.attack.rows import Side, require_distinct

SIDES: tuple[Side, ...] = (uploader.SIDE, client.SIDE)

for _side in SIDES:
    require_distinct(_side)
