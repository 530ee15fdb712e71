"""One whole verification over a store, from its request to its delivered webhook."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import NamedTuple

import pytest

from liveproof.checks import video
from liveproof.dependencies import Dependencies
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.states import Step
from liveproof.endpoints import Endpoints
from liveproof.ports import Records
from liveproof.quota import Quota
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.deliver_result import deliver_result
from liveproof.use_cases.run_check import run_check
from liveproof.use_cases.verify_upload import object_created
from liveproof_emulator import testing
from tests.support.deployment import CLIENT, TIMEOUT_MS, Deployment
from tests.support.evidence import put_evidence_keys
from tests.support.ways import Uploading, Way, files_for, request_for


class JourneyFailed(Exception):
    """The verification did not end as it should, so its units mean nothing."""


class Store(NamedTuple):
    """The ports that are a store."""

    records: Records
    quota: Quota
    endpoints: Endpoints


def travel(
    vendor: testing.Running,
    store: Store,
    way: Way,
    idempotency_key: str | None = None,
    answer: str = '{"received":true}',
    evidence_key: str = "",
) -> None:
    """Make a verification that passes, with the first attempt of its webhook.

    The limits' lines are empty: each reservation is the first in its line.

    Args:
        answer: the endpoint's, as the sender tells it.
        evidence_key: `whsk_…`, which signs a manifest; none is signed by default.

    Raises:
        JourneyFailed: it did not pass, or was not delivered.
    """
    deployment = Deployment()
    deployment.endpoint.script = [WebhookResponse(200, None, 12, answer=answer)]
    if evidence_key:
        put_evidence_keys(deployment, {"key": evidence_key})
    deployment.dependencies = replace(deployment.dependencies, **store._asdict())
    uploading = Uploading(
        deployment, vendor, deployment.bucket, deployment.bucket.objects.__setitem__
    )
    dependencies = uploading.dependencies(way)
    files = files_for(dependencies, way)
    client = ApiClient(("0" * 64,))
    made, _ = create_verification(
        dependencies, CLIENT, client, request_for(way, files), idempotency_key
    )
    for name, body in files.items():
        key = made.inputs[name].keys[0]
        uploading.put(key, body)
        object_created(dependencies, key)
    with pytest.MonkeyPatch.context() as patched:
        if way.by_url:
            patched.setattr(video, "MAX_REQUEST_BYTES", 0)
        run_check(dependencies, made.id, _deadline(dependencies, Step.RUN_CHECK))
    deliver_result(dependencies, made.id, _deadline(dependencies, Step.DELIVER_RESULT))
    types = [json.loads(webhook.body)["type"] for webhook in deployment.endpoint.delivered]
    if types != ["verification.passed"]:
        raise JourneyFailed(f"{way}: no webhook says that it passed")


def _deadline(dependencies: Dependencies, step: Step) -> int:
    return dependencies.clock.now() + TIMEOUT_MS[step]
