"""Every minute: ask for the steps that are due."""

from __future__ import annotations

from typing import Any

from liveproof.clouds.aws.deadline import deadline
from liveproof.clouds.aws.wiring import dependencies
from liveproof.observability import instrumented
from liveproof.use_cases.sweep import sweep


@instrumented
def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Take the schedule's event."""
    bag = dependencies()
    return {"steps": sweep(bag, deadline(context, bag.clock.now()))}
