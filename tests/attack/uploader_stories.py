"""Attacks on a file that take more than one request: from the upload to the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.attack.bucket_ground import Ground, Refused, Upload
from tests.attack.rows import Outcome, Row
from tests.attack.wire import exchange
from tools import http_client

_DECIDED_SECONDS = 45


def _start(ground: Ground, scenario: str | None = None) -> tuple[dict[str, Any], Upload, Any]:
    files = ground.files(scenario)
    created = ground.create(files)
    return created, ground.upload_of(created, files), files["video"]


def _send_film(created: dict[str, Any], film: Any) -> None:
    answer = http_client.put(created["uploads"]["video"], film.data)
    assert answer.status == 200, answer.body


def _summary(seen: dict[str, Any], calls: int) -> str:
    reason = (seen.get("reason") or {}).get("code", "")
    words = f"{seen['status']} {seen.get('decision') or ''} {reason}".split()
    return f"{' '.join(words)}, {calls} paid calls"


def replaced_after_the_proof(ground: Ground) -> Outcome:
    """The photo is proven, and another lies in its place when the call is made."""
    before = ground.paid_calls()
    created, upload, film = _start(ground)
    assert exchange(upload.request).status == 200
    state = ground.wait_for_input(created["id"])
    assert state == "proven", state
    ground.replace(upload.key, upload.other)
    _send_film(created, film)
    seen = ground.wait_for(created["id"], _DECIDED_SECONDS, status="decided")
    calls = ground.paid_calls() - before
    refused = seen["status"] == "decided" and seen["decision"] not in ("passed", "rejected")
    return Outcome(_summary(seen, calls), refused and calls == 0)


def other_bytes_under_the_key(ground: Ground) -> Outcome:
    """Somebody who may write the bucket puts other bytes there before the app does."""
    before = ground.paid_calls()
    created, upload, film = _start(ground)
    ground.replace(upload.key, upload.other)
    if ground.aws:
        # An own put by the account's key makes no event on every local AWS.
        ground.cloud.deployment.object_created(created["uploads"]["image"]["url"])
    _send_film(created, film)
    seen = ground.wait_for(created["id"], _DECIDED_SECONDS, status="decided")
    calls = ground.paid_calls() - before
    refused = seen["status"] == "decided" and seen["decision"] == "resubmit"
    return Outcome(_summary(seen, calls), refused and calls == 0)


def unreadable(ground: Ground) -> Outcome:
    """An object of a class that must be restored before it can be read."""
    before = ground.paid_calls()
    created, upload, film = _start(ground)
    try:
        ground.replace(
            upload.key, upload.declared, storage_class="GLACIER" if ground.aws else "ARCHIVE"
        )
    except Refused as error:
        # The bucket's policy: then no object of such a class comes to be.
        return Outcome(f"not stored: {error}"[:200], ground.stored(upload.key) is None)
    if ground.aws:
        ground.cloud.deployment.object_created(created["uploads"]["image"]["url"])
    _send_film(created, film)
    seen = ground.wait_for(created["id"], _DECIDED_SECONDS, status="decided")
    calls = ground.paid_calls() - before
    refused = seen["status"] == "decided" and seen["decision"] in ("resubmit", "error")
    return Outcome(_summary(seen, calls), refused and calls == 0)


def said_to_be_gzip(ground: Ground) -> Outcome:
    """The app adds Content-Encoding: gzip; who reads the object must get the proven bytes."""
    before = ground.paid_calls()
    created, upload, film = _start(ground)
    upload.request.headers.append(("Content-Encoding", "gzip"))
    answer = exchange(upload.request)
    if answer.status != 200:
        stored = ground.stored(upload.key)
        return Outcome(f"{answer.summary()}, stored: {stored is not None}", stored is None)
    _send_film(created, film)
    seen = ground.wait_for(created["id"], _DECIDED_SECONDS, status="decided")
    calls = ground.paid_calls() - before
    decision = seen.get("decision")
    right = decision == "passed" or (decision == "resubmit" and calls == 0)
    return Outcome(_summary(seen, calls), right)


def _story(name: str, expected: str, run: Callable[[Ground], Outcome]) -> Row:
    return Row(name, expected, run)


STORIES = (
    _story("replaced after it was proven", "a refusal, no paid call", replaced_after_the_proof),
    _story("other bytes under the key", "resubmit, no paid call", other_bytes_under_the_key),
    _story("an archived object", "not stored, or a refusal at once; no paid call", unreadable),
    _story("Content-Encoding: gzip, to the decision", "refused without a call, or as without it",
           said_to_be_gzip),
)  # fmt: skip
