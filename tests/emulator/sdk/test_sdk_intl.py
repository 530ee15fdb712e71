"""The vendor's SDKs in four languages, unchanged: every action, and the refusals."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from liveproof_emulator import testing
from liveproof_emulator.catalogue import Catalogue
from tests.emulator.sdk.drivers import LANGUAGES, Drive, driver
from tests.emulator.sdk.forwarder import Forwarder

pytestmark = pytest.mark.xdist_group("sdk_acceptance")

Files = Callable[[Any], dict[str, Any]]
REFLECT = "DetectReflectLivenessAndCompare"


def remote(caller: Any, name: str, body: bytes) -> dict[str, str]:
    md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return {f"{name}Url": caller.upload(body), f"{name}Md5": md5}


def inline(body: bytes) -> str:
    return base64.b64encode(body).decode()


def reflect(caller: Any) -> dict[str, Any]:
    return {
        **remote(caller, "LiveData", testing.live_data()),
        **remote(caller, "Image", testing.photo()),
    }


def by_url(caller: Any) -> dict[str, Any]:
    files = {
        **remote(caller, "Video", testing.video()),
        **remote(caller, "Image", testing.photo()),
    }
    return {"LivenessType": "SILENT", **files}


def as_base64(caller: Any) -> dict[str, Any]:
    del caller
    return {
        "LivenessType": "SILENT",
        "VideoBase64": inline(testing.video()),
        "ImageBase64": inline(testing.photo()),
    }


@dataclass(frozen=True)
class Case:
    """One action: what is sent, and the fields of a good answer (value, or any if None)."""

    service: str
    version: str
    parameters: Files
    expected: dict[str, Any]


FACEID = ("faceid", "2018-03-01")
IAI = ("iai", "2020-03-03")
# tencentcloud-sdk-nodejs-intl-en 3.0.1335 has no VideoLivenessCompare, although it recommends it.
ABSENT = {"node": {"VideoLivenessCompare"}}
PASSED = {"Result": "Success", "Sim": None}
CASES = {
    "CreateUploadUrl": Case(
        *FACEID,
        lambda caller: {"TargetAction": REFLECT},
        {"UploadUrl": None, "ResourceUrl": None, "ExpiredTimestamp": None},
    ),
    "GenerateReflectSequence": Case(
        *FACEID,
        lambda caller: {
            **remote(caller, "DeviceData", testing.device_data()),
            "SecurityLevel": "2",
        },
        {"ReflectSequenceUrl": None, "ReflectSequenceMd5": None},
    ),
    REFLECT: Case(*FACEID, reflect, {**PASSED, "BestFrameUrl": None, "BestFrameMd5": None}),
    "VideoLivenessCompare": Case(*FACEID, by_url, {**PASSED, "BestFrame": None}),
    "LivenessCompare": Case(*FACEID, as_base64, {**PASSED, "BestFrameBase64": None}),
    "CompareFaceLiveness": Case(*FACEID, as_base64, {**PASSED, "BestFrameBase64": None}),
    "CompareFace": Case(
        *IAI,
        lambda caller: {
            "ImageA": inline(testing.photo()),
            "ImageB": inline(testing.photo()),
            "QualityControl": 1,
        },
        {"Score": None, "FaceModelVersion": "3.0"},
    ),
    "DetectLiveFaceAccurate": Case(
        *IAI,
        lambda caller: {"Image": inline(testing.photo())},
        {"Score": None, "FaceModelVersion": "3.0"},
    ),
}


@pytest.fixture(scope="module", params=LANGUAGES)
def sdk(request: pytest.FixtureRequest) -> Iterator[tuple[str, Drive]]:
    with driver(request.param, "intl") as drive:
        yield request.param, drive


@pytest.fixture
def every(
    sdk: tuple[str, Drive], vendor: testing.Running, caller: Any
) -> Callable[..., dict[str, Any]]:
    """Calls every action of the SDK once, in one process; outcomes by action."""
    language, drive = sdk

    def run(**changes: Any) -> dict[str, Any]:
        endpoint = changes.pop("endpoint", vendor.endpoint)
        files = changes.pop("files", None) or files_of(caller)
        calls = [
            {
                "service": case.service,
                "version": case.version,
                "action": action,
                "region": "ap-singapore",
                "parameters": files[action],
                "secret_id": vendor.secret_id,
                "secret_key": vendor.secret_key,
                **changes,
            }
            for action, case in CASES.items()
        ]
        outcomes = dict(zip(CASES, drive({"endpoint": endpoint, "calls": calls}), strict=True))
        absent = {action for action, outcome in outcomes.items() if outcome == {"absent": True}}
        assert absent == ABSENT.get(language, set())
        return {action: outcome for action, outcome in outcomes.items() if action not in absent}

    return run


def files_of(caller: Any) -> dict[str, dict[str, Any]]:
    return {action: case.parameters(caller) for action, case in CASES.items()}


def codes(outcomes: dict[str, Any]) -> set[str | None]:
    """The different codes of all actions; None for an answer without an error."""
    return {outcome.get("error") for outcome in outcomes.values()}


def test_the_table_has_every_action() -> None:
    actions = Catalogue().actions
    assert set(CASES) == set(actions)
    for action, case in CASES.items():
        facts = actions[action].facts
        assert facts.text("service") == case.service
        assert case.version in facts.texts("versions")


def test_every_action_answers_what_the_sdk_s_model_has(every: Any, vendor: testing.Running) -> None:
    outcomes = every()
    assert codes(outcomes) == {None}
    calls = {call["action"]: call for call in vendor.calls() if call["executed"]}
    for action, outcome in outcomes.items():
        response = outcome["response"]
        for name, value in CASES[action].expected.items():
            assert response[name] not in (None, ""), (action, name)
            assert value is None or response[name] == value, (action, name)
        assert response["RequestId"] == calls[action]["request_id"]


def test_a_temporary_key_needs_its_token_at_every_action(
    every: Any, vendor: testing.Running
) -> None:
    key = vendor.temporary
    own = {"secret_id": key.secret_id, "secret_key": key.secret_key}
    assert codes(every(**own, token=key.token)) == {None}
    vendor.reset()
    assert codes(every(**own, token="wrong")) == {"AuthFailure.TokenFailure"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret_id": "AKIDnobody"}, "AuthFailure.SecretIdNotFound"),
        ({"secret_key": "wrong"}, "AuthFailure.SignatureFailure"),
        ({"region": "eu-nowhere"}, "UnsupportedRegion"),
    ],
)
def test_wrong_keys_and_regions_are_refused_at_every_action_with_a_request_id(
    every: Any, vendor: testing.Running, changes: dict[str, str], code: str
) -> None:
    outcomes = every(**changes)
    judged = {action: outcome for action, outcome in outcomes.items() if not anywhere(action, code)}
    assert codes(judged) == {code}
    seen = {call["request_id"] for call in vendor.calls() if call["code"] == code}
    assert {outcome["request_id"] for outcome in judged.values()} <= seen


def anywhere(action: str, code: str) -> bool:
    """Whether this refusal cannot happen: the action asks for no region."""
    return code == "UnsupportedRegion" and not Catalogue().actions[action].facts.texts("regions")


@pytest.mark.parametrize("seconds", [-330, 330])
def test_a_clock_that_is_minutes_apart_is_refused_at_every_action(
    every: Any, vendor: testing.Running, caller: Any, seconds: int
) -> None:
    # Uploads are made before: they are signed by the vendor itself.
    files = files_of(caller)
    vendor.skew(seconds)
    assert codes(every(files=files)) == {"AuthFailure.SignatureExpire"}
    assert not [call for call in vendor.calls() if call["code"] == "Success"]


@pytest.fixture
def forwarder(vendor: testing.Running) -> Iterator[Forwarder]:
    with Forwarder(vendor.endpoint) as running:
        yield running


def test_a_body_that_is_changed_on_the_way_is_refused_at_every_action(
    every: Any, vendor: testing.Running, forwarder: Forwarder
) -> None:
    assert codes(every(endpoint=forwarder.endpoint)) == {None}
    vendor.reset()
    # The same JSON to every reader, but not the same bytes.
    forwarder.change = lambda body: body + b" "
    outcomes = every(endpoint=forwarder.endpoint)
    assert codes(outcomes) == {"AuthFailure.SignatureFailure"}
    judged = [call for call in vendor.calls() if call["code"] == "AuthFailure.SignatureFailure"]
    assert len(judged) == len(outcomes)
    assert not [call for call in judged if call["executed"]]
