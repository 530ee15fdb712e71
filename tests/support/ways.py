"""Every way in which a check's files reach its vendor, with the upload before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from liveproof.bucket_versions import ErasableBucket
from liveproof.checks import video
from liveproof.checks.faceid import FileAccess
from liveproof.checks.registry import build_vendors
from liveproof.dependencies import Dependencies
from liveproof.domain.requests import CreateVerification, DeclaredInput
from liveproof.domain.verification import Verification
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.run_check import run_check
from liveproof.use_cases.verify_upload import object_created
from liveproof_emulator import testing
from tests.support.deployment import CLIENT, Deployment, md5_of, settings
from tests.support.emulator import vendor_secrets

_TYPES = {"live_data": "application/octet-stream", "video": "video/mp4", "image": "image/jpeg"}

_MAKE: dict[str, Callable[[], bytes]] = {
    "live_data": testing.live_data,
    "video": testing.video,
    "image": testing.photo,
}


@dataclass(frozen=True)
class Way:
    """A check as a deployment may have it.

    Attributes:
        action: the paid API.
        changes: of the settings.
        by_url: LivenessCompare takes URLs for files that are too large to be sent inline.
    """

    check: str
    action: str
    changes: dict[str, Any] = field(default_factory=dict)
    by_url: bool = False

    def __str__(self) -> str:
        return f"{self.check}-{self.action.rpartition('/')[2]}{'-by-url' * self.by_url}"


WAYS = (
    Way("reflect", "DetectReflectLivenessAndCompare"),
    Way("video", "VideoLivenessCompare"),
    Way("video", "LivenessCompare", {"video_api": "LivenessCompare"}),
    Way("video", "LivenessCompare", {"video_api": "LivenessCompare"}, by_url=True),
    Way("video", "CompareFaceLiveness", {"video_api": "CompareFaceLiveness"}),
    Way("photo", "DetectLiveFaceAccurate"),
    Way("silent", "/identity/silent_image_verification/stateless"),
)
INPUTS = tuple(
    (way, name)
    for way in WAYS
    for name in {
        "reflect": ("live_data", "image"),
        "video": ("video", "image"),
        "photo": ("image",),
        "silent": ("video", "image"),
    }[way.check]
)
"""Every way with each of its inputs."""


def request_for(way: Way, files: Mapping[str, bytes]) -> CreateVerification:
    """The request for a verification with these files."""
    inputs = {
        name: DeclaredInput(md5_of(body), len(body), _TYPES[name]) for name, body in files.items()
    }
    return CreateVerification(check=way.check, inputs=inputs)


def files_for(dependencies: Dependencies, way: Way) -> dict[str, bytes]:
    """A file for each input of the way's check."""
    return {name: _MAKE[name]() for name in dependencies.checks[way.check].facts.inputs}


class Uploading:
    """Verifications over a bucket, from their uploads to their decisions.

    Args:
        put: stores bytes under a key, whatever lies there, as nobody but an attacker does.
        files: as in `build_vendors`.
    """

    def __init__(
        self,
        deployment: Deployment,
        running: testing.Running,
        bucket: ErasableBucket,
        put: Callable[[str, bytes], None],
        files: FileAccess | None = None,
    ) -> None:
        self._deployment = deployment
        self._running = running
        self._bucket = bucket
        self._files = files
        self.put = put

    def dependencies(self, way: Way) -> Dependencies:
        made = settings(
            vendor_endpoint=self._running.url,
            iai_endpoint=self._running.url,
            senseid_url=self._running.senseid_url,
            call_timeout_seconds=10,
            **way.changes,
        )
        secrets = self._deployment.secrets
        secrets.values.update(vendor_secrets(self._running))
        checks = build_vendors(made, secrets, self._files).checks
        return replace(
            self._deployment.dependencies, settings=made, bucket=self._bucket, checks=checks
        )

    def proven(self, way: Way) -> tuple[Verification, Mapping[str, bytes]]:
        """A verification whose files are uploaded and proven, and the files."""
        dependencies = self.dependencies(way)
        files = files_for(dependencies, way)
        request = request_for(way, files)
        made, _ = create_verification(dependencies, CLIENT, ApiClient(("0" * 64,)), request, None)
        for name, body in files.items():
            self.put(made.inputs[name].keys[0], body)
            object_created(dependencies, made.inputs[name].keys[0])
        return self._deployment.load(made.id), files

    def judged(self, way: Way, proven: Verification) -> Verification:
        """The verification after its check has run."""
        with pytest.MonkeyPatch.context() as patched:
            if way.by_url:
                patched.setattr(video, "MAX_REQUEST_BYTES", 0)
            deadline = self._deployment.clock.now() + 120_000
            run_check(self.dependencies(way), proven.id, deadline)
        return self._deployment.load(proven.id)

    def paid(self, way: Way) -> int:
        """How many paid calls reached the vendor."""
        return len(self._running.calls(way.action))


def other(body: bytes) -> bytes:
    """Other bytes of the same size, which begin in the same way."""
    return body[:-1] + bytes([body[-1] ^ 1])
