"""Make the paid call of a verification and take its decision."""

from __future__ import annotations

from typing import Any

from liveproof.clouds.aws.deadline import deadline
from liveproof.clouds.aws.queue_events import each_message
from liveproof.clouds.aws.wiring import dependencies
from liveproof.observability import instrumented
from liveproof.use_cases.run_check import run_check


@instrumented
def handler(event: dict[str, Any], context: Any) -> Any:
    """Take the step's messages."""

    def handle(message: dict[str, Any]) -> None:
        bag = dependencies()
        run_check(bag, message["id"], deadline(context, bag.clock.now()))

    return each_message(event, context, handle)
