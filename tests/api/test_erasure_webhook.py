"""The webhook of an erasure fits its schema in the OpenAPI document."""

from __future__ import annotations

import json

from liveproof.api.openapi import openapi
from liveproof.use_cases.request_erasure import request_erasure
from tests.support.deployment import CLIENT, Deployment


def test_the_webhook_of_an_erasure_is_the_documented_one() -> None:
    deployment = Deployment()
    for entry in (deployment.create(reference="jane"), deployment.run_check(deployment.ready())):
        request_erasure(deployment.dependencies, CLIENT, entry.id)
    deployment.settle()
    schema = openapi()["components"]["schemas"]["WebhookErased"]["properties"]

    sent = [json.loads(one.body) for one in deployment.endpoint.delivered]

    assert {one["type"] for one in sent} == set(schema["type"]["enum"])
    for body in sent:
        assert set(body) == set(schema)
        assert list(body["data"]) == list(schema["data"]["properties"])
        assert set(body["data"]) == set(schema["data"]["required"])
    assert {one["data"]["decision"] for one in sent} == {"passed", None}
