"""Every side."""

from __future__ import annotations

from tests.attack import client, endpoint, uploader, vendor
from tests.attack.rows import Side, require_distinct

SIDES: tuple[Side, ...] = (uploader.SIDE, client.SIDE, vendor.SIDE, endpoint.SIDE)

for _side in SIDES:
    require_distinct(_side)
