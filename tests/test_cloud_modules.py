"""Every cloud's modules fit the protocols of `runtime`: mypy checks the assignments below."""

from __future__ import annotations

from pathlib import Path

import liveproof.clouds
from liveproof.clouds.aws import events as aws_events
from liveproof.clouds.aws import http as aws_http
from liveproof.clouds.aws import runtime as aws_runtime
from liveproof.clouds.tencent import events as tencent_events
from liveproof.clouds.tencent import http as tencent_http
from liveproof.clouds.tencent import runtime as tencent_runtime
from liveproof.runtime import HttpEvents, MessageEvents, Runtime

RUNTIMES: dict[str, Runtime] = {"aws": aws_runtime, "tencent": tencent_runtime}
HTTP_EVENTS: dict[str, HttpEvents] = {"aws": aws_http, "tencent": tencent_http}
MESSAGE_EVENTS: dict[str, MessageEvents] = {
    "aws": aws_events,
    "tencent": tencent_events,
}


def test_every_clouds_modules_are_checked_here() -> None:
    folder = Path(liveproof.clouds.__file__).parent
    clouds = {path.name for path in folder.iterdir() if (path / "runtime.py").is_file()}

    assert clouds == RUNTIMES.keys() == HTTP_EVENTS.keys() == MESSAGE_EVENTS.keys()
