"""Every check's request: what is missing, unknown, too large or cannot be meant, with its field."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from liveproof import facts
from liveproof.api.request_bodies import decode
from liveproof.checks.registry import build_vendors
from liveproof.dependencies import Dependencies
from liveproof.domain.requests import CreateVerification
from liveproof.domain.verification import Challenge, Decision
from liveproof.secret_documents import ApiClient
from liveproof.settings import Settings
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.errors import IdempotencyKeyReused, InvalidRequest
from liveproof.use_cases.run_check import run_check
from liveproof.use_cases.validate_request import validate
from tests.support.deployment import CLIENT, Deployment, settings

EVERY_CHECK: dict[str, Any] = {"senseid_url": "http://senseid.internal:3000"}
INPUTS = [
    (check, name) for check, check_facts in facts.checks().items() for name in check_facts.inputs
]
PLAIN = ApiClient(("0" * 64,))


def dependencies_of(deployment: Deployment, **changes: Any) -> Dependencies:
    made = settings(**{**EVERY_CHECK, **changes})
    return replace(
        deployment.dependencies,
        settings=made,
        checks=build_vendors(made, deployment.secrets).checks,
    )


def limit_of(made: Settings, check: str, name: str) -> int:
    return made.largest_file(check, name)


def good(check: str, **changes: Any) -> dict[str, Any]:
    check_facts = facts.checks()[check]
    inputs = {
        name: {"md5": "0" * 32, "size": 1000, "content_type": limits.content_types[0]}
        for name, limits in check_facts.inputs.items()
    }
    return {"check": check, "inputs": inputs, **changes}


def refused(dependencies: Dependencies, document: dict[str, Any]) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refusal:
        validate(dependencies, decode(json.dumps(document).encode(), CreateVerification))
    return refusal.value


def accept(dependencies: Dependencies, document: dict[str, Any]) -> None:
    validate(dependencies, decode(json.dumps(document).encode(), CreateVerification))


@pytest.mark.parametrize("check", facts.checks())
def test_a_good_request_is_taken(deployment: Deployment, check: str) -> None:
    accept(dependencies_of(deployment), good(check))


@pytest.mark.parametrize(("check", "name"), INPUTS)
def test_every_input_is_needed(deployment: Deployment, check: str, name: str) -> None:
    document = good(check)
    del document["inputs"][name]
    refusal = refused(dependencies_of(deployment), document)

    assert refusal.field == f"inputs.{name}"
    assert all(needed in refusal.detail for needed in facts.checks()[check].inputs)


def test_of_several_missing_inputs_the_first_by_name_is_told(deployment: Deployment) -> None:
    refusal = refused(dependencies_of(deployment), {**good("reflect"), "inputs": {}})

    assert refusal.field == "inputs.image"


@pytest.mark.parametrize("check", facts.checks())
def test_no_other_input_is_taken(deployment: Deployment, check: str) -> None:
    document = good(check)
    document["inputs"]["voice"] = {"md5": "0" * 32, "size": 1, "content_type": "audio/wav"}

    assert refused(dependencies_of(deployment), document).field == "inputs.voice"


@pytest.mark.parametrize(("check", "name"), INPUTS)
def test_an_input_may_be_as_large_as_its_limit_and_no_larger(
    deployment: Deployment, check: str, name: str
) -> None:
    dependencies = dependencies_of(deployment)
    limit = limit_of(dependencies.settings, check, name)
    document = good(check)
    document["inputs"][name]["size"] = limit
    accept(dependencies, document)
    document["inputs"][name]["size"] = limit + 1
    refusal = refused(dependencies, document)

    assert refusal.field == f"inputs.{name}.size"
    assert str(limit) in refusal.detail


@pytest.mark.parametrize(("check", "name"), INPUTS)
def test_every_documented_content_type_is_taken_and_no_other(
    deployment: Deployment, check: str, name: str
) -> None:
    dependencies = dependencies_of(deployment)
    document = good(check)
    allowed = facts.checks()[check].inputs[name].content_types
    for content_type in allowed:
        document["inputs"][name]["content_type"] = content_type
        accept(dependencies, document)
    for content_type in ("text/html", allowed[0].upper(), f"{allowed[0]}; charset=x"):
        document["inputs"][name]["content_type"] = content_type
        refusal = refused(dependencies, document)
        assert refusal.field == f"inputs.{name}.content_type"
        assert allowed[0] in refusal.detail


@pytest.mark.parametrize(
    ("check", "most"), [("reflect", 100), ("video", 100), ("photo", 100), ("silent", 1)]
)
def test_a_threshold_is_within_the_checks_scores(
    deployment: Deployment, check: str, most: float
) -> None:
    dependencies = dependencies_of(deployment)
    accept(dependencies, good(check, threshold=most))
    accept(dependencies, good(check, threshold=0))
    refusal = refused(dependencies, good(check, threshold=most + 0.01))

    assert refusal.field == "threshold"
    assert f"{most:g}" in refusal.detail


@pytest.mark.parametrize("check", ["reflect", "photo", "silent"])
@pytest.mark.parametrize("kind", ["lip", "action", "silent"])
def test_only_a_video_takes_a_challenge(deployment: Deployment, check: str, kind: str) -> None:
    refusal = refused(dependencies_of(deployment), good(check, challenge={"type": kind}))

    assert refusal.field == "challenge"
    assert check in refusal.detail


@pytest.mark.parametrize(
    ("challenge", "field"),
    [
        ({"type": "lip"}, "challenge.data"),
        ({"type": "lip", "data": "12345"}, "challenge.data"),
        ({"type": "action", "data": "5"}, "challenge.data"),
        ({"type": "silent", "data": "1"}, "challenge.data"),
        ({"type": "dance"}, "challenge.type"),
        ({"type": "lip", "data": 1234}, "challenge.data"),
        ({"type": "lip", "data": "1" * 21}, "challenge.data"),
        ({"data": "1234"}, "challenge.type"),
        ({"type": "lip", "data": "1234", "more": 1}, "challenge.more"),
        ("lip", "challenge"),
    ],
)
def test_an_invalid_challenge_names_its_field(
    deployment: Deployment, challenge: object, field: str
) -> None:
    refusal = refused(dependencies_of(deployment), good("video", challenge=challenge))

    assert refusal.field == field


def test_a_challenge_reaches_the_record(deployment: Deployment) -> None:
    document = good("video", challenge={"type": "lip", "data": "0482"})
    request = decode(json.dumps(document).encode(), CreateVerification)
    made, _ = create_verification(dependencies_of(deployment), CLIENT, PLAIN, request, None)

    assert deployment.load(made.id).challenge == Challenge(type="lip", data="0482")


def test_metadata_may_take_2048_bytes_with_the_reference_and_no_more(
    deployment: Deployment,
) -> None:
    dependencies = dependencies_of(deployment)
    frame = len(json.dumps({"metadata": {"note": ""}, "reference": "order-7"}))
    note = "x" * (2048 - frame)
    accept(dependencies, good("photo", metadata={"note": note}, reference="order-7"))
    refusal = refused(
        dependencies, good("photo", metadata={"note": note + "x"}, reference="order-7")
    )

    assert refusal.field == "metadata"
    assert "not 2049" in refusal.detail


def test_an_idempotency_key_stands_for_one_challenge(deployment: Deployment) -> None:
    dependencies = dependencies_of(deployment)

    def create(data: str) -> str:
        document = good("video", challenge={"type": "lip", "data": data})
        request = decode(json.dumps(document).encode(), CreateVerification)
        return create_verification(dependencies, CLIENT, PLAIN, request, "key")[0].id

    assert create("0482") == create("0482")
    with pytest.raises(IdempotencyKeyReused):
        create("0483")


def test_a_video_too_large_for_one_request_names_the_limit(deployment: Deployment) -> None:
    dependencies = dependencies_of(deployment, video_api="CompareFaceLiveness")
    document = good("video")
    for name in ("video", "image"):
        document["inputs"][name]["size"] = limit_of(dependencies.settings, "video", name)
    refusal = refused(dependencies, document)

    assert refusal.field == "inputs.video.size"
    assert "10000000" in refusal.detail


@pytest.mark.parametrize(
    ("check", "changes", "message"),
    [
        ("silent", {"senseid_url": ""}, "reflect, video, photo"),
        ("photo", {"vendor_region": "ap-hongkong"}, "ap-hongkong"),
        ("reflect", {"vendor_region": "ap-guangzhou"}, "ap-guangzhou"),
    ],
)
def test_a_check_that_is_off_is_distinguished_from_an_unknown_one(
    deployment: Deployment, check: str, changes: dict[str, Any], message: str
) -> None:
    dependencies = dependencies_of(deployment, **changes)
    refusal = refused(dependencies, good(check))
    assert (refusal.field, message in refusal.detail) == ("check", True)
    assert "not switched on" in refusal.detail

    unknown = refused(dependencies, {**good(check), "check": "palm"})
    assert (unknown.field, "one of" in unknown.detail) == ("check", True)
    longest = refused(dependencies, {**good(check), "check": "p" * 40})
    assert (longest.field, "one of" in longest.detail) == ("check", True)
    longer = refused(dependencies, {**good(check), "check": "p" * 41})
    assert (longer.field, "40" in longer.detail) == ("check", True)


def test_a_clients_own_threshold_counts_for_its_check_unless_the_request_has_one(
    deployment: Deployment,
) -> None:
    client = ApiClient(("0" * 64,), thresholds={"silent": 0.8, "reflect": 90})

    def threshold_of(check: str, **changes: Any) -> float:
        request = decode(json.dumps(good(check, **changes)).encode(), CreateVerification)
        made, _ = create_verification(dependencies_of(deployment), CLIENT, client, request, None)
        return made.threshold

    assert threshold_of("silent") == 0.8
    assert threshold_of("photo") == facts.checks()["photo"].threshold
    assert threshold_of("silent", threshold=0.5) == 0.5


def test_a_check_that_was_switched_off_meanwhile_is_an_error_without_a_call(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    without = replace(deployment.dependencies, checks={})
    run_check(without, entry.id, deployment.clock.now() + 120_000)
    after = deployment.load(entry.id)

    assert after.verdict is not None
    assert (after.verdict.decision, after.verdict.reason.code) == (
        Decision.ERROR,
        "check_switched_off",
    )
    assert after.calls == ()
    assert deployment.check.prepared == 0
