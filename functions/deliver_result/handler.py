"""Send a decision to its webhook."""

from __future__ import annotations

from typing import Any

from liveproof.clouds.aws.deadline import deadline
from liveproof.clouds.aws.queue_events import each_message
from liveproof.clouds.aws.wiring import dependencies
from liveproof.observability import instrumented
from liveproof.use_cases.deliver_result import deliver_result


@instrumented
def handler(event: dict[str, Any], context: Any) -> Any:
    """Take the step's messages."""

    def handle(message: dict[str, Any]) -> None:
        bag = dependencies()
        deliver_result(bag, message["id"], deadline(context, bag.clock.now()))

    return each_message(event, context, handle)
