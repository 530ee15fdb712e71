"""The app, or an attacker with its upload URL: what the URL allows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from tests.attack import bucket_ground
from tests.attack.bucket_ground import Ground, Upload
from tests.attack.rows import Outcome, Row, Side
from tests.attack.uploader_puts import PUTS, REFUSED, Ends, Put
from tests.attack.uploader_stories import STORIES
from tests.attack.wire import Answer, exchange
from tools.local.cloud import LocalCloud


@dataclass
class Stage(Ground):
    """The ground, and URLs that grow old meanwhile."""

    old: list[tuple[float, Upload]] = field(default_factory=list)


def _row(put: Put) -> Row:
    return Row(put.name, put.ends.text, partial(_run, put), put.slow)


def _run(put: Put, ground: Ground) -> Outcome:
    upload = ground.upload()
    for change in put.changes:
        change(upload, ground)
    # What cuts the connection short is answered at once or not at all.
    return judged(
        put.ends, exchange(upload.request, 3 if upload.request.cut else 20), upload, ground
    )


def judged(ends: Ends, answer: Answer, upload: Upload, ground: Ground) -> Outcome:
    """Whether an answer and what lies in the bucket afterwards are what was expected."""
    stored = ground.stored(upload.key)
    ours = stored is not None and stored.body == upload.declared
    extra = "" if stored is None else " ".join(stored.added)
    what = "nothing" if stored is None else "the declared bytes" if ours else "OTHER BYTES"
    got = f"{answer.summary()}, {what}" + (f" [{extra}]" if extra else "")
    if answer.status == 200:
        return Outcome(got, ends.taken and ours and (ends.added or not extra))
    refused = answer.status is None or answer.status >= 400
    return Outcome(got, refused and ends.refused and (ours if ends.before else stored is None))


def _too_late(ground: Ground) -> Outcome:
    made, upload = cast("Stage", ground).old[0]
    time.sleep(max(0.0, made + 32 - time.monotonic()))
    return judged(REFUSED, exchange(upload.request), upload, ground)


def rows(cloud: str | None) -> Sequence[Row]:
    """The table of one cloud."""
    return (
        *(_row(put) for put in PUTS if cloud in put.on),
        *(story for story in STORIES),
        Row("after it has expired", REFUSED.text, _too_late, slow=True),
    )


@contextmanager
def standing(cloud: LocalCloud | None) -> Iterator[Any]:
    """The ground, with a URL that expires meanwhile."""
    with bucket_ground.standing(cloud) as ground:
        stage = Stage(ground.cloud, ground.api)
        old = stage.upload(expires_in=30)
        stage.old.append((time.monotonic(), old))
        yield stage


SIDE = Side("uploader", "the app, or whoever has an upload URL", rows, standing, on_clouds=True)
