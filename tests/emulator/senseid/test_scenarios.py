"""SenseID's outcomes by the files' last lines and by the controls; HTTP statuses; faults."""

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

import liveproof_emulator
from liveproof_emulator import facts, testing
from liveproof_emulator.senseid.catalogue import ENDPOINTS, FACTS

SILENT = "/identity/silent_image_verification/stateless"
COMPARE = "/identity/image_verification/stateless"
DETECTION = "/liveness/silent_detection/stateless"
ROOT = Path(liveproof_emulator.__file__).parent
README = (ROOT / "senseid/README.md").read_text("utf-8")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def ask(vendor: testing.Running, web: Any) -> Any:
    def post(path: str = SILENT, scenario: str | None = None, **flags: str) -> Any:
        endpoint = ENDPOINTS[path]
        marked = vendor.cipher.encrypt(testing.photo(None if endpoint.video else scenario))
        fields = dict.fromkeys(endpoint.images, marked)
        if endpoint.video:
            fields[endpoint.video] = vendor.cipher.encrypt(testing.video(scenario))
        body = urlencode({**fields, **flags}).encode()
        return web("POST", vendor.senseid_url + path, body, FORM)

    return post


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("pass", {"passed": True, "verification_score": 0.93, "liveness_status": "ok"}),
        ("low-score", {"passed": True, "verification_score": 0.66}),
        ("at-threshold", {"passed": True, "verification_score": 0.7}),
        ("other-person", {"passed": True, "verification_score": 0.08}),
        ("missing-score", {"passed": True, "verification_score": None}),
        ("missing-passed", {"passed": None, "liveness_score": 0.98}),
        ("spoof", {"passed": False, "liveness_status": "hack", "verification_score": None}),
        ("short-video", {"passed": False, "liveness_status": "short_time"}),
        ("unknown-status", {"passed": False, "liveness_status": "not_in_any_list"}),
        ("covered-face", {"passed": True, "verification_score": 0.93}),
    ],
)
def test_a_scenario_is_chosen_by_the_decrypted_file(
    ask: Any, scenario: str, expected: dict[str, Any]
) -> None:
    reply = ask(SILENT, scenario, return_status="true")
    answer = reply.json()
    assert (reply.status, answer["code"]) == (200, 1000)
    assert {name: answer.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("spoof-as-error", 4007),
        ("short-video-as-error", 4007),
        ("no-face", 4000),
        ("covered-face", 4004),
        ("invalid-argument", 1200),
        ("photo-pixels", 2003),
        ("photo-bytes", 2004),
        ("damaged", 2005),
        ("unknown-code", 4999),
    ],
)
def test_a_code_comes_with_a_message_and_the_request_s_id(
    vendor: testing.Running, ask: Any, scenario: str, code: int
) -> None:
    reply = ask(SILENT, scenario, check_quality="true")
    call = vendor.calls(SILENT)[-1]
    assert reply.status == FACTS.integer("status_of_a_code")
    assert set(reply.json()) == {"code", "message", "request_id"}
    assert (reply.json()["code"], reply.json()["request_id"]) == (code, call["request_id"])
    assert (call["scenario"], call["code"], call["verdict"]) == (scenario, str(code), str(code))


@pytest.mark.parametrize("status", [400, 404, 411, 413])
def test_a_bare_status_has_no_code(vendor: testing.Running, ask: Any, status: int) -> None:
    reply = ask(SILENT, f"http-{status}")
    assert reply.status == status
    assert "code" not in reply.json()
    call = vendor.calls(SILENT)[-1]
    assert (call["code"], call["verdict"], call["executed"]) == (None, None, False)


def test_the_ledger_records_the_conclusion(vendor: testing.Running, ask: Any) -> None:
    ask(SILENT, "spoof")
    call = vendor.calls()[-1]
    assert call["action"] == SILENT
    assert (call["scenario"], call["verdict"]) == ("spoof", "1000 not passed")
    assert (call["executed"], call["billed"], call["region"]) == (True, "no", "")
    ask(COMPARE)
    assert vendor.calls()[-1]["verdict"] == "1000"


def test_the_controls_choose_as_well_and_win(vendor: testing.Running, ask: Any) -> None:
    vendor.fault(SILENT, "no-face", times=2)
    assert [ask(SILENT, "spoof").json()["code"] for _ in range(3)] == [4000, 4000, 1000]
    with pytest.raises(ValueError, match="no such fault"):
        vendor.fault(COMPARE, "spoof")
    assert "spoof" not in vendor.scenarios()["actions"][COMPARE]  # type: ignore[index]
    assert "spoof" in vendor.scenarios()["actions"][SILENT]  # type: ignore[index]


def test_a_name_that_is_not_for_the_endpoint_or_differs_is_an_invalid_argument(
    vendor: testing.Running, ask: Any, web: Any
) -> None:
    for path, name in ((COMPARE, "spoof"), (DETECTION, "other-person"), (SILENT, "no-such")):
        answer = ask(path, name).json()
        assert (answer["code"], name in answer["message"]) == (1200, True)
    fields = {
        "first_encrypted_image": vendor.cipher.encrypt(testing.photo("no-face")),
        "second_encrypted_image": vendor.cipher.encrypt(testing.photo("damaged")),
    }
    body = urlencode(fields).encode()
    assert web("POST", vendor.senseid_url + COMPARE, body, FORM).json()["code"] == 1200


def test_the_mobile_sdk_s_file_chooses_by_its_own_last_line(
    vendor: testing.Running, web: Any
) -> None:
    parts = {
        "liveness_file": b"\x08\x01\nliveproof-scenario: other-person\n",
        "encrypted_image": vendor.cipher.encrypt(testing.photo()).encode(),
    }
    body = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in parts.items()
    )
    url = f"{vendor.senseid_url}/identity/liveness_image_verification/stateless"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert web("POST", url, body + b"--b--\r\n", headers).json()["verification_score"] == 0.08


@pytest.mark.parametrize("how", ["file", "controls"])
@pytest.mark.parametrize(
    ("fault", "status", "executed"),
    [
        ("http-500", 500, False),
        ("internal-error", 500, False),
        ("http-502-after-charge", 502, True),
        ("not-json", 200, True),
    ],
)
def test_a_fault_is_a_reply_that_is_no_answer(
    vendor: testing.Running, ask: Any, how: str, fault: str, status: int, executed: bool
) -> None:
    if how == "controls":
        vendor.fault(SILENT, fault)
    reply = ask(SILENT, fault if how == "file" else None)
    assert reply.status == status
    call = vendor.calls(SILENT)[-1]
    assert (call["fault"], call["executed"]) == (fault, executed)
    assert call["code"] is None


def test_a_hanging_service_answers_nothing_and_a_second_try_succeeds(
    vendor: testing.Running, ask: Any
) -> None:
    parts = urlsplit(vendor.senseid_url)
    body = urlencode(
        {"encrypted_video": vendor.cipher.encrypt(testing.video("hang-once"))}
    ).encode()
    connection = http.client.HTTPConnection(parts.netloc, timeout=0.5)
    connection.request("POST", parts.path + DETECTION, body, FORM)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    assert ask(DETECTION, "hang-once").json()["passed"] is True


@pytest.fixture
def raw(vendor: testing.Running) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(vendor.endpoint, timeout=10)
    yield connection
    connection.close()


def test_a_body_without_a_length_or_over_the_cap_has_its_status(
    raw: http.client.HTTPConnection,
) -> None:
    raw.request("POST", f"/senseid{SILENT}", iter([b"a=b"]), FORM, encode_chunked=True)
    assert raw.getresponse().status == 411
    raw.close()
    raw.request("POST", f"/senseid{SILENT}", bytes(64 * 2**20 + 1), FORM)
    reply = raw.getresponse()
    assert (reply.status, json.loads(reply.read())["message"]) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", SILENT), ("POST", "/identity/none"), ("POST", SILENT + "/")]
)
def test_another_path_or_method_is_not_found(
    vendor: testing.Running, web: Any, method: str, path: str
) -> None:
    assert web(method, vendor.senseid_url + path, b"").status == 404


def test_every_endpoint_has_an_outcome_without_a_name() -> None:
    for endpoint in ENDPOINTS.values():
        assert "pass" in endpoint.scenarios
        assert re.fullmatch(r"\d\.\d", endpoint.section)


def test_the_readme_lists_every_path_scenario_and_open_question() -> None:
    for endpoint in ENDPOINTS.values():
        assert f"| `{endpoint.path}` |" in README
        for scenario in endpoint.scenarios.values():
            assert f"| `{scenario.name}` | {scenario.about} |" in README
    for name, fact in facts.read(ROOT / "senseid/facts.json").entries.items():
        assert fact.confirmed or f"| `{name}` |" in README
