"""First events on SCF: packages, environments, keys and events are the local platform's own."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench import vendor_sdks, verifications
from bench.cold_start.first_event_times import Times
from bench.figure import BenchError
from bench.interpreters import Program
from tools.demo import samples
from tools.local.cloud import LocalCloud
from tools.local.tencent import deployment
from tools.processes import wait_until

BASELINE = "the vendor's SDK: import, one client, one GetSecretValue"
# Events are taken and none is run: they can be had from the platform's queue.
RESTING = {"local_most_containers": "0"}
_LIMIT_SECONDS = 20.0
_HANDLER = """
STARTED = CLOCK()
import handler
RESULT = handler.handler(INPUT["event"], INPUT["context"])
ENDED = CLOCK()
if (RESULT or {}).get("statusCode", 200) >= 300:
    sys.exit("the event was not handled")
"""
_BASELINE = """
import os
key = [os.environ["TENCENTCLOUD_" + name] for name in ("SECRETID", "SECRETKEY", "SESSIONTOKEN")]
STARTED = CLOCK()
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
profile = ClientProfile(httpProfile=HttpProfile(protocol=INPUT["scheme"], endpoint=INPUT["host"]))
client = CommonClient("ssm", "2019-09-23", Credential(*key), os.environ["TENCENTCLOUD_REGION"],
                      profile)
answer = client.call_json("GetSecretValue", INPUT["parameters"])
ENDED = CLOCK()
if not answer["Response"]["SecretString"]:
    sys.exit("there is no secret")
"""


class Rounds:
    """Takes verifications through every function, each time in a fresh interpreter.

    Args:
        cloud: started with `RESTING`.
        times: where what was measured goes.
    """

    def __init__(self, cloud: LocalCloud, times: Times) -> None:
        self._cloud, self._times = cloud, times
        self._platform = deployment.of(cloud).platform
        self._rng = samples.new_rng()
        self._taken: set[str] = set()

    def measure_once(self) -> None:
        """One round: the baseline, then one verification from request to webhook and after.

        Raises:
            BenchError: an event was refused or never came, or the verification did not come to its
                end.
        """
        baseline = self._program("api", _BASELINE, self._secret)
        self._times.baseline(replace(baseline, path=(vendor_sdks.tencent(),)))
        verification_id = self._proven()
        for step in ("run_check", "deliver_result"):
            self._step(step, *self._sent(step, 1))
        verifications.require_passed(
            self._request("api_read", "GET", f"/v1/verifications/{verification_id}")
        )
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        timer = {"Type": "Timer", "TriggerName": "sweep", "Time": now, "Message": ""}
        self._step("sweep", timer)

    def require_rest(self) -> None:
        """Raises BenchError if the platform ran what was measured here."""
        if self._platform.processes() or self._platform.dead_letters():
            raise BenchError("the platform's own containers took events")

    def _proven(self) -> str:
        """The id of a verification whose run_check is requested."""
        inputs = verifications.files(self._rng)
        body = json.dumps(verifications.request_body(inputs))
        created = self._request("api_create", "POST", "/v1/verifications", body)
        verifications.put_all(created["uploads"], inputs)
        *first, last = self._sent("verify_upload", len(inputs))
        for event in first:
            # Not counted: the last one also starts the check.
            Times().event("verify_upload", self._event("verify_upload", event))
        self._step("verify_upload", last)
        return str(created["id"])

    def _request(self, name: str, method: str, path: str, body: str = "") -> Any:
        """An event of the function's URL; the document of its answer."""
        event = {
            "body": body,
            "headers": {"authorization": f"Bearer {self._cloud.api_key}"},
            "httpMethod": method,
            "path": path,
            "queryString": {},
        }
        answer = self._times.event(name, self._event("api", event))
        return json.loads(answer["body"])

    def _step(self, function: str, event: Any) -> None:
        self._times.event(function, self._event(function, event))

    def _event(self, function: str, event: Any) -> Program:
        _, context = self._platform.container(function)
        return self._program(function, _HANDLER, {"event": event, "context": context})

    def _program(self, function: str, source: str, values: Any) -> Program:
        """Run where a container would run: in the function's code, with its environment."""
        environment, _ = self._platform.container(function)
        code = Path(environment["USER_CODE_ROOT"])
        return Program(source, values, environment, (code,), bytecode=False, isolated=True)

    @property
    def _secret(self) -> dict[str, Any]:
        """What the baseline asks for: the same secret that the API reads."""
        environment, _ = self._platform.container("api")
        name, _, version = environment["LIVEPROOF_API_KEYS_SECRET"].partition(":")
        address = urlsplit(environment["LIVEPROOF_SSM_ENDPOINT"])
        parameters = {"SecretName": name, "VersionId": version}
        return {"scheme": address.scheme, "host": address.netloc, "parameters": parameters}

    def _sent(self, function: str, count: int) -> list[Any]:
        """Events that the bucket or another function has sent to a function since."""
        deadline = time.monotonic() + _LIMIT_SECONDS
        while wait_until(deadline):
            new = [
                item
                for item in self._platform.waiting()
                if item["function"] == function and item["request_id"] not in self._taken
            ]
            if len(new) == count:
                self._taken.update(item["request_id"] for item in new)
                return [item["event"] for item in new]
        raise BenchError(f"{count} events for {function} did not come")
