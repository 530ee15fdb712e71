"""A play of passes, refusals, faults and mistakes, with a canary in everything that is secret."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace

from tests.attack.client_bodies import body, image
from tests.attack.leaks_canaries import (
    BODY,
    CONSENT,
    DEVICE,
    ERASED,
    FILE,
    IDEMPOTENCY,
    METADATA,
    PATH,
    PERSON,
    QUERY,
    REFERENCE,
    WRONG_KEY,
    Ground,
)
from tests.attack.wire import Request, exchange
from tests.support.api import Api, ApiError
from tests.support.local_clouds import SECOND_API_KEY
from tools import http_client
from tools.demo.samples import Sample
from tools.demo.scenarios import Files
from tools.demo.user_files import UserFiles

_SETTLED_SECONDS = 240
# One fault of the vendor's for each check: its action, and how it fails.
_FAULTS = (
    ("reflect", "DetectReflectLivenessAndCompare", "reset-after-body"),
    ("reflect", "CreateUploadUrl", "not-json"),
    ("video", "VideoLivenessCompare", "http-502-after-charge"),
    ("photo", "DetectLiveFaceAccurate", "cut-short"),
    ("silent", "/identity/silent_image_verification/stateless", "wrong-content-type"),
)
# What creates a verification, and the variable that leads it to a store that is not there.
_STORES = {
    "aws": ("create_upload", "LIVEPROOF_TABLE", "liveproof-gone"),
    "tencent": ("api", "LIVEPROOF_DATABASE_URL", "sqlite:////liveproof-gone/records.sqlite"),
}
_FAILING_SECONDS = 5
SCENARIOS = {
    "reflect": (None, "spoof"),
    "video": (None, "too-dark"),
    "photo": (None, "photographed"),
    "silent": (None, "missing-score"),
}


class Play:
    """Everything that a team and its attackers do, once."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._first = Api(ground.cloud.api, ground.cloud.api_key, 120)
        self._second = Api(ground.cloud.api, SECOND_API_KEY, 120)
        self._files = Files(random.Random(), UserFiles())

    def run(self) -> None:
        for check, scenarios in SCENARIOS.items():
            for scenario in scenarios:
                self._verification(self._first, check, scenario)
        self._verification(self._second, "photo", None)
        for check, action, fault in _FAULTS:
            self.ground.cloud.emulator.fault(action, fault)
            self._verification(self._first, check, None)
        self._wrong_bytes()
        self._failing_store()
        self._erased_person()
        self._refused_requests()
        self._wait()

    def _verification(self, api: Api, check: str, scenario: str | None) -> None:
        files = self._with_canary(check, scenario)
        made = api.create(
            {
                "check": check,
                "inputs": {name: sample.declaration() for name, sample in files.items()},
                "reference": f"{REFERENCE} {check}",
                "metadata": {"word": METADATA, "name": PERSON},
                "consent_reference": CONSENT,
            },
            f"{IDEMPOTENCY}-{time.time_ns()}",
        )
        self.ground.ids.append(made["id"])
        for name, upload in made["uploads"].items():
            self.ground.uploads.append(upload["url"])
            assert http_client.put(upload, files[name].data, 120).status == 200

    def _with_canary(self, check: str, scenario: str | None) -> dict[str, Sample]:
        files = {}
        for name, sample in self._files.samples(check).items():
            files[name] = replace(sample, data=sample.data + FILE)
        chosen = {"reflect": "live_data", "photo": "image"}.get(check, "video")
        if scenario is not None:
            line = f"\nliveproof-scenario: {scenario}\n".encode()
            files[chosen] = replace(files[chosen], data=files[chosen].data + line)
        return files

    def _wrong_bytes(self) -> None:
        """An upload that the bucket refuses; it says so in XML, with digests of the bytes."""
        files = self._with_canary("photo", None)
        made = self._first.create(
            {"check": "photo", "inputs": {"image": files["image"].declaration()}}
        )
        upload = made["uploads"]["image"]
        self.ground.uploads.append(upload["url"])
        assert http_client.put(upload, bytes(reversed(files["image"].data))).status == 400
        self._refused(lambda: self._first.renew(made["id"]))

    def _failing_store(self) -> None:
        """A request and a step whose function cannot reach the store. The step runs again later."""
        cloud = self.ground.cloud
        function, name, text = _STORES[cloud.name]
        with cloud.deployment.with_variable(function, name, text):
            self._refused(lambda: self._verification(self._first, "photo", None))
        with cloud.deployment.with_variable("run_check", name, text):
            self._verification(self._first, "photo", None)
            time.sleep(_FAILING_SECONDS)

    def _erased_person(self) -> None:
        """Erased before its files came; one comes afterwards."""
        files = self._with_canary("photo", None)
        made = self._first.create(
            {
                "check": "photo",
                "inputs": {"image": files["image"].declaration()},
                "reference": f"{ERASED} reference",
                "metadata": {"name": f"{ERASED} name"},
                "consent_reference": f"{ERASED} consent",
            }
        )
        self._first.delete(made["id"])
        upload = made["uploads"]["image"]
        self.ground.uploads.append(upload["url"])
        assert http_client.put(upload, files["image"].data, 120).status == 200

    def _refused_requests(self) -> None:
        wrong = Api(self.ground.cloud.api, WRONG_KEY)
        self._refused(lambda: wrong.newest(1))
        self._refused(lambda: self._first.read(f"ver_{PATH}"))
        self._refused(lambda: self._first.create({"check": BODY, "inputs": {BODY: image()}}))
        self._refused(lambda: self._first.reflect_sequence(f'{{"select_data": "{DEVICE}"}}'))
        for path, data in (
            (f"/v1/verifications?cursor={QUERY}", None),
            (f"/v1/verifications?{QUERY}=1&limit={QUERY}", None),
            ("/v1/verifications", body(**{BODY: BODY})),
            ("/v1/verifications", b'{"check": "' + BODY.encode()),
        ):
            request = Request.of("GET" if data is None else "POST", self.ground.cloud.api)
            request.target = (request.target if request.target != "/" else "") + path
            request.put("Authorization", f"Bearer {self.ground.cloud.api_key}")
            request.put("Content-Length", str(len(data or b"")))
            request.body = data or b""
            exchange(request)

    def _refused(self, work: Callable[[], object]) -> None:
        try:
            work()
        except ApiError:
            return

    def _wait(self) -> None:
        """Until every verification is decided and its webhook delivered, or its time is over."""
        ends = time.monotonic() + _SETTLED_SECONDS
        waiting = dict.fromkeys(self.ground.ids)
        while waiting and time.monotonic() < ends:
            for verification in list(waiting):
                for api in (self._first, self._second):
                    try:
                        seen = api.read(verification)
                    except ApiError:
                        continue
                    if seen["delivery"] and seen["delivery"]["state"] == "delivered":
                        decision = str(seen["decision"])
                        self.ground.decided[decision] = self.ground.decided.get(decision, 0) + 1
                        del waiting[verification]
                    break
            time.sleep(0.3)
        self.ground.decided["undecided"] = len(waiting)
        time.sleep(2)  # the functions' logs are copied once a second
