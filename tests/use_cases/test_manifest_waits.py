"""A manifest that cannot be stored is tried again ever more rarely."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import pytest

from liveproof.domain.retries import LONGEST_MANIFEST_DELAY_MS
from liveproof.use_cases.sweep import GRACE_MS, LONGEST_BACKOFF_MS, sweep
from tests.support.deployment import HOUR_MS, Deployment
from tests.support.evidence import put_evidence_keys

_SWEEP_MS = 60_000
_RUN_MS = 65_000
"""A run of the step and its lease."""


def sweep_until(deployment: Deployment, until: int) -> None:
    clock = deployment.clock
    while clock.now() < until:
        clock.advance(_SWEEP_MS)
        sweep(deployment.dependencies, clock.now() + 50_000)
        for one in deployment.steps.take():
            deployment.survive(partial(deployment.perform, one))


def test_a_manifest_that_the_bucket_refuses_is_tried_ever_more_rarely_until_it_is_stored(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was tried 1,150 times a day, of every decision: each try ended the sweep's back-off."""
    put_evidence_keys(deployment)
    entry = deployment.run_check(deployment.ready())
    tries: list[int] = []

    def refuse(key: str, body: bytes, content_type: str) -> None:
        tries.append(deployment.clock.now())
        raise OSError("the bucket refuses")

    deployment.steps.take()
    with monkeypatch.context() as patched:
        patched.setattr(deployment.bucket, "put", refuse)
        deployment.deliver(entry)
        sweep_until(deployment, deployment.clock.now() + 24 * HOUR_MS)
    waits = [after - before for before, after in pairwise(tries)]
    assert waits[0] <= _RUN_MS + GRACE_MS + _SWEEP_MS
    assert max(waits) <= LONGEST_MANIFEST_DELAY_MS + GRACE_MS + _SWEEP_MS
    assert len(tries) < 110

    sweep_until(deployment, deployment.clock.now() + HOUR_MS // 2)

    after = deployment.load(entry.id)
    assert (after.manifest is not None, after.due_at) == (True, None)


def test_no_manifest_waits_longer_than_a_step_that_fails() -> None:
    assert LONGEST_MANIFEST_DELAY_MS == LONGEST_BACKOFF_MS
