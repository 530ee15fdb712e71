"""Generated pages say what the code says now; the OpenAPI document is one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from liveproof.api.openapi import openapi
from liveproof.api.routes import ROUTES
from liveproof.webhooks.message import build_body
from tests.docs.pages import ROOT
from tests.support.deployment import Deployment
from tools.docs import pages as docs

DOCUMENT = openapi()
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]


@pytest.mark.parametrize("name", docs.PAGES)
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == docs.PAGES[name](), "run make docs"


def test_every_page_with_the_mark_is_generated() -> None:
    marked = {
        f"docs/{page.name}"
        for page in (ROOT / "docs").glob("*.md")
        if docs.MARK in page.read_text("utf-8")
    }
    assert marked == {name for name, page in docs.PAGES.items() if page().startswith(docs.MARK)}


def test_a_changed_page_is_found_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(docs.PAGES, "docs/states.md", lambda: "something else\n")
    assert "docs/states.md" in docs.stale()


def test_the_openapi_document_has_exactly_the_routes() -> None:
    assert {key for key, _ in OPERATIONS} == set(ROUTES)
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_the_openapi_document_has_a_server_of_each_cloud() -> None:
    aws, tencent = (
        server["url"].format(
            **{name: value["default"] for name, value in server["variables"].items()}
        )
        for server in DOCUMENT["servers"]
    )
    assert aws == "https://api-id.execute-api.ap-southeast-1.amazonaws.com"
    assert tencent == "https://1250000000-url-id.ap-singapore.tencentscf.com"
    for server in DOCUMENT["servers"]:
        described = [server, *server["variables"].values()]
        assert all(one["description"].endswith(".") for one in described)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def test_every_reference_of_the_openapi_document_leads_to_a_schema_that_is_used() -> None:
    used = {reference.rpartition("/")[2] for reference in _references(DOCUMENT)}
    # ReasonView is reached through VerificationView only.
    assert used == set(DOCUMENT["components"]["schemas"])
    assert all(reference.startswith("#/components/schemas/") for reference in _references(DOCUMENT))


@pytest.mark.parametrize(("key", "operation"), OPERATIONS)
def test_an_operation_has_what_openapi_demands(key: str, operation: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z_]+", operation["operationId"])
    declared = {
        parameter["name"]
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "path"
    }
    assert declared == set(re.findall(r"\{(\w+)\}", key))
    assert all(
        parameter["required"]
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "path"
    )
    assert all(response["description"] for response in operation["responses"].values())
    assert str(ROUTES[key].status) in operation["responses"]
    assert ("401" in operation["responses"]) == ("security" not in operation)


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(set(ids)) == len(ids)


def test_every_schema_has_a_type_and_its_required_properties() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert schema["type"] == "object", name
        assert set(schema.get("required", ())) <= set(schema["properties"]), name


def _check(value: Any, schema: Any, path: str = "$") -> None:
    """The part of JSON Schema that the document uses."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        _check(value, DOCUMENT["components"]["schemas"][name], path)
        return
    if "enum" in schema:
        assert value in schema["enum"], path
        return
    if "anyOf" in schema:
        kinds = [alternative for alternative in schema["anyOf"] if alternative != {"type": "null"}]
        if value is not None:
            _check(value, kinds[0], path)
        return
    kinds_by_name: dict[str, Any] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "array": list,
        "object": dict,
    }
    kind = kinds_by_name[schema["type"]]
    assert isinstance(value, kind), path
    if kind is list:
        for element in value:
            _check(element, schema["items"], f"{path}[]")
    if kind is dict:
        properties = schema.get("properties", {})
        assert set(schema.get("required", ())) <= set(value), path
        assert not properties or set(value) <= set(properties), path
        for name, element in value.items():
            _check(
                element, properties.get(name, schema.get("additionalProperties")), f"{path}.{name}"
            )


def test_a_real_webhook_fits_its_schema(deployment: Deployment) -> None:
    verification = deployment.ready(reference="order-1234", metadata={"channel": "android"})
    body = json.loads(build_body(deployment.run_check(verification)))
    _check(body, DOCUMENT["components"]["schemas"]["Webhook"])


def test_real_views_fit_their_schema_in_every_state(deployment: Deployment) -> None:
    from liveproof.api.views import verification_view

    waiting = deployment.create()
    decided = deployment.run_check(deployment.ready())
    delivered = deployment.deliver(decided)
    for verification in (waiting, decided, delivered):
        view = msgspec.to_builtins(verification_view(verification))
        _check(view, DOCUMENT["components"]["schemas"]["VerificationView"])


def test_the_webhooks_data_in_the_document_are_the_fields_that_are_sent() -> None:
    data = DOCUMENT["components"]["schemas"]["Webhook"]["properties"]["data"]
    sent = [
        "id",
        "reference",
        "check",
        "region",
        "decision",
        "reason",
        "scores",
        "decided_at",
        "sequence",
        "metadata",
    ]

    # A webhook has the others only where there is something to say.
    assert set(data["properties"]) - set(sent) == {"signals", "redo_of"}
    assert data["required"] == sent


def test_the_stored_document_is_json_and_the_same() -> None:
    assert json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")) == DOCUMENT
