"""Prove uploaded bytes; let verifications expire whose files never came."""

from __future__ import annotations

from typing import Any

from liveproof.clouds.aws.queue_events import created_keys, each_message
from liveproof.clouds.aws.wiring import dependencies
from liveproof.observability import instrumented
from liveproof.use_cases.verify_upload import object_created, uploads_due


@instrumented
def handler(event: dict[str, Any], context: Any) -> Any:
    """Take the bucket's notifications, and the step's own messages."""
    return each_message(event, context, _handle)


def _handle(message: dict[str, Any]) -> None:
    if "id" in message:
        uploads_due(dependencies(), message["id"])
    for key in created_keys(message):
        object_created(dependencies(), key)
