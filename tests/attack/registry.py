"""Every side."""

from __future__ import annotations

from tests.attack import client, endpoint, file, leaks, operator_side, uploader, vendor
from tests.attack.rows import Side, require_distinct

SIDES: tuple[Side, ...] = (
    uploader.SIDE,
    client.SIDE,
    vendor.SIDE,
    endpoint.SIDE,
    file.SIDE,
    operator_side.SIDE,
    leaks.SIDE,
)

for _side in SIDES:
    require_distinct(_side)
