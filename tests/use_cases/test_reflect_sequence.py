"""Light sequences: device data up, the vendor's answer proven, its quota kept."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from liveproof import observability
from liveproof.checks.registry import build_vendors
from liveproof.dependencies import Dependencies
from liveproof.domain.breaker import LEAST_OUTCOMES, PAUSE_MS
from liveproof.use_cases.create_reflect_sequence import create_reflect_sequence
from liveproof.use_cases.errors import VendorBusy, VendorFailed
from liveproof.vendors.tencent.reflect_sequence import DeviceData
from liveproof_emulator import testing
from tests.support.deployment import Deployment, settings
from tests.support.emulator import vendor_secrets
from tests.support.memory import MemorySecrets

ACTION = "GenerateReflectSequence"
SEQUENCES = f"faceid.{ACTION}.ap-singapore"
LINE = f"{SEQUENCES}.line"
UPLOADS = "faceid.CreateUploadUrl.ap-singapore"
LONGEST_WAIT_MS = 5_000
"""As docs/checks.md says."""
DEVICE_DATA = json.dumps({"platform": 2, "select_data": "{}"})


@pytest.fixture
def dependencies(deployment: Deployment, vendor: testing.Running) -> Dependencies:
    """A deployment in memory whose sequences come from the emulator."""
    secrets = MemorySecrets(vendor_secrets(vendor))
    sequences = build_vendors(settings(vendor_endpoint=vendor.url), secrets).reflect_sequences
    return replace(deployment.dependencies, reflect_sequences=sequences)


def test_a_sequence_comes_whole(dependencies: Dependencies, vendor: testing.Running) -> None:
    sequence = create_reflect_sequence(dependencies, DEVICE_DATA, 4)

    assert sequence
    assert [call["action"] for call in vendor.calls()] == ["CreateUploadUrl", ACTION]


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_every_level_is_taken(dependencies: Dependencies, level: int) -> None:
    assert create_reflect_sequence(dependencies, DEVICE_DATA, level)


def test_device_data_goes_up_in_base64_with_its_md5(
    dependencies: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The emulator takes nothing else, so a mark of our own shows what it was given."""
    text = '{"name": "caf\u00e9 \U0001f600"}'
    uploaded = []
    relay = dependencies.reflect_sequences._relay
    upload = relay.upload

    def look(action: str, stream: object, md5: str, timeout: float) -> str:
        body = stream.read()  # type: ignore[attr-defined]
        uploaded.append((action, base64.b64decode(body, validate=True), stream.size))  # type: ignore[attr-defined]
        stream._file.seek(0)  # type: ignore[attr-defined]
        return upload(action, stream, md5, timeout)  # type: ignore[arg-type]

    monkeypatch.setattr(relay, "upload", look)
    create_reflect_sequence(dependencies, text, 4)

    assert uploaded == [(ACTION, text.encode(), len(base64.b64encode(text.encode())))]


@pytest.mark.parametrize(
    "fault",
    [
        "sequence-missing",
        "sequence-wrong-md5",
        "sequence-expired",
        "bad-device-data",
        "download-failed",
        "download-timed-out",
        "internal-error",
        "http-500",
        "reset-after-body",
        "not-json",
    ],
)
def test_a_vendors_refusal_of_a_sequence_is_reported_without_urls(
    dependencies: Dependencies, vendor: testing.Running, fault: str
) -> None:
    vendor.fault(ACTION, fault)
    with pytest.raises(VendorFailed) as failed:
        create_reflect_sequence(dependencies, DEVICE_DATA, 4)

    assert "http" not in failed.value.detail
    assert "sign" not in failed.value.detail.lower()


@pytest.mark.parametrize(
    ("action", "slowed"),
    [("CreateUploadUrl", [UPLOADS]), (ACTION, [SEQUENCES, LINE])],
)
def test_a_vendor_that_throttles_is_busy_and_its_api_is_slowed_down(
    deployment: Deployment,
    dependencies: Dependencies,
    vendor: testing.Running,
    action: str,
    slowed: list[str],
) -> None:
    vendor.fault(action, "rate-limited-always")
    with pytest.raises(VendorBusy) as busy:
        create_reflect_sequence(dependencies, DEVICE_DATA, 4)

    assert busy.value.retry_after == 2
    assert deployment.quota.slowed == slowed


@pytest.mark.parametrize("name", [UPLOADS, SEQUENCES])
def test_a_vendor_that_is_down_is_a_busy_one_and_its_probe_closes_the_breaker(
    deployment: Deployment, dependencies: Dependencies, vendor: testing.Running, name: str
) -> None:
    now = deployment.clock.now()
    for _ in range(LEAST_OUTCOMES):
        deployment.quota.reserve(name, 1_000, now)
        deployment.quota.record_failure(name, now)
    with pytest.raises(VendorBusy) as busy:
        create_reflect_sequence(dependencies, DEVICE_DATA, 4)
    assert busy.value.retry_after == 15
    assert vendor.calls(ACTION) == []

    deployment.clock.advance(PAUSE_MS)
    create_reflect_sequence(dependencies, DEVICE_DATA, 4)

    assert deployment.quota.breakers[name].open_until == 0


@pytest.mark.parametrize(
    ("action", "fault", "failures"),
    [("CreateUploadUrl", "http-500", 1), (ACTION, "http-500", 1), (ACTION, "bad-device-data", 0)],
)
def test_what_the_vendor_could_not_serve_is_a_failure_of_its_api(
    deployment: Deployment,
    dependencies: Dependencies,
    vendor: testing.Running,
    action: str,
    fault: str,
    failures: int,
) -> None:
    vendor.fault(action, fault)
    with pytest.raises(VendorFailed):
        create_reflect_sequence(dependencies, DEVICE_DATA, 4)

    counted = deployment.quota.breakers
    name = UPLOADS if action == "CreateUploadUrl" else SEQUENCES
    assert sum(breaker.failures for breaker in counted.values()) == failures
    assert counted[name].failures == failures


def test_the_request_leaves_in_a_slot_that_is_taken_after_the_upload(
    deployment: Deployment, dependencies: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slot was taken before: a slow upload made the request late, beside the next one's."""
    sequences, began = dependencies.reflect_sequences, deployment.clock.now()
    left: list[int] = []
    upload, generate = sequences.upload, sequences.generate

    def slow_upload(device_data: str, timeout: float) -> DeviceData:
        deployment.clock.advance(1_500)
        return upload(device_data, timeout)

    def seen(device_data: DeviceData, level: int, timeout: float) -> bytes:
        left.append(deployment.clock.now())
        return generate(device_data, level, timeout)

    monkeypatch.setattr(sequences, "upload", slow_upload)
    monkeypatch.setattr(sequences, "generate", seen)
    create_reflect_sequence(dependencies, DEVICE_DATA, 4)

    assert deployment.quota.reserved[SEQUENCES] == left == [began + 1_500]


def test_the_requests_and_the_download_have_six_seconds_each(
    dependencies: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the longest wait that is 23 seconds of the 29 that the function has on AWS."""
    sequences, timeouts = dependencies.reflect_sequences, []
    upload, generate = sequences.upload, sequences.generate

    def seen_upload(device_data: str, timeout: float) -> DeviceData:
        timeouts.append(timeout)
        return upload(device_data, timeout)

    def seen_generate(device_data: DeviceData, level: int, timeout: float) -> bytes:
        timeouts.append(timeout)
        return generate(device_data, level, timeout)

    monkeypatch.setattr(sequences, "upload", seen_upload)
    monkeypatch.setattr(sequences, "generate", seen_generate)
    create_reflect_sequence(dependencies, DEVICE_DATA, 4)

    assert timeouts == [6, 12]


@pytest.mark.parametrize("name", [SEQUENCES, UPLOADS])
def test_a_near_slot_is_waited_for(
    deployment: Deployment, dependencies: Dependencies, name: str
) -> None:
    slot = deployment.clock.now() + LONGEST_WAIT_MS
    deployment.quota.next_at[name] = slot
    create_reflect_sequence(dependencies, DEVICE_DATA, 4)

    assert deployment.clock.now() == slot


@pytest.mark.parametrize("name", [LINE, UPLOADS])
@pytest.mark.parametrize(
    ("beyond_ms", "retry_after"), [(1, 1), (1_000, 1), (1_001, 2), (60_000, 60)]
)
def test_a_far_slot_is_a_busy_vendor_until_it_is_near_enough_to_be_waited_for(
    deployment: Deployment,
    dependencies: Dependencies,
    vendor: testing.Running,
    name: str,
    beyond_ms: int,
    retry_after: int,
) -> None:
    """An app that asked again a moment too soon would be refused once more."""
    deployment.quota.next_at[name] = deployment.clock.now() + LONGEST_WAIT_MS + beyond_ms
    with pytest.raises(VendorBusy) as busy:
        create_reflect_sequence(dependencies, DEVICE_DATA, 4)

    assert busy.value.retry_after == retry_after
    assert vendor.calls() == []


def test_both_waits_together_are_no_longer_than_five_seconds(
    deployment: Deployment, dependencies: Dependencies, vendor: testing.Running
) -> None:
    began = deployment.clock.now()
    deployment.quota.next_at[UPLOADS] = began + 3_000
    deployment.quota.next_at[SEQUENCES] = began + LONGEST_WAIT_MS + 1
    with pytest.raises(VendorBusy):
        create_reflect_sequence(dependencies, DEVICE_DATA, 4)

    assert deployment.clock.now() == began + 3_000
    assert vendor.calls(ACTION) == []


def test_requests_that_are_refused_take_no_slot_and_no_upload(
    deployment: Deployment, dependencies: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """325 at one moment: as many as leave within five seconds get a sequence. 300 that were refused
    took 91 slots of CreateUploadUrl, which the checks need."""
    monkeypatch.setattr(deployment.clock, "sleep_until", lambda at: None)
    refused = 0
    for _ in range(325):
        try:
            create_reflect_sequence(dependencies, DEVICE_DATA, 4)
        except VendorBusy:
            refused += 1

    assert refused == 301
    taken = {name: len(slots) for name, slots in deployment.quota.reserved.items()}
    assert taken == {LINE: 24, UPLOADS: 24, SEQUENCES: 24}


def test_no_log_line_has_device_data_or_a_url(
    dependencies: Dependencies,
    vendor: testing.Running,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("DEBUG")
    lines: list[str] = []

    def seen(message: str, extra: dict[str, object]) -> None:
        lines.append(f"{message} {extra}")

    monkeypatch.setattr(observability.logger, "info", seen)
    create_reflect_sequence(dependencies, '{"name": "canaryDevice"}', 4)
    vendor.fault(ACTION, "sequence-wrong-md5")
    with pytest.raises(VendorFailed):
        create_reflect_sequence(dependencies, '{"name": "canaryDevice"}', 4)

    assert [line.split()[0] for line in lines] == ["SEQUENCE_CREATED", "VENDOR_UNREACHED"]
    encoded = base64.b64encode(b'{"name": "canaryDevice"}').decode()
    log = caplog.text + "".join(lines)
    assert not any(text in log for text in ("canary", encoded, "q-signature"))
