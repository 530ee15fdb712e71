"""Plays one scenario of the demo as a team's server and app would, and compares every step."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tools.demo import frames
from tools.demo.samples import Sample
from tools.demo.scenarios import Scenario
from tools.demo.table import Paint
from tools.local import client
from tools.local.cloud import LocalCloud
from tools.local.receiver import Received
from tools.processes import LocalCloudError

# What the mobile SDK tells of its phone, as far as anybody but the vendor can say.
_DEVICE_DATA = json.dumps({"platform": 2, "select_data": "{}"})
Step = Callable[[str], None]


@dataclass
class Outcome:
    """What came of a scenario. `problems` is empty if everything was as expected.

    `frame` says what was kept as best frame, for people.
    """

    scenario: Scenario
    decision: str = ""
    reason: str = ""
    frame: str = ""
    verified: bool = False
    timings: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def expect(self, what: str, expected: object, got: object) -> None:
        """Notes a problem unless both are the same."""
        if expected != got:
            self.problems.append(f"{what}: expected {expected}, got {got}")


class Progress:
    """Prints one line per step, from many threads."""

    def __init__(self, paint: Paint, width: int) -> None:
        """`paint` colours the lines; `width` is room for the scenarios' names."""
        self._paint, self._width = paint, width
        self._lock, self._start = threading.Lock(), time.monotonic()
        self._is_silent = False

    def __call__(self, scenario: Scenario, text: str) -> None:
        """A step of a scenario happened."""
        at = self._paint("dim", f"{time.monotonic() - self._start:6.2f} s")
        with self._lock:
            if self._is_silent:
                return
            print(f"{at}  {scenario.name:<{self._width}} {text}", flush=True)

    def be_silent(self) -> None:
        """Print nothing any more."""
        with self._lock:
            self._is_silent = True


class Player:
    """Plays scenarios on a local cloud; safe to use from many threads."""

    def __init__(self, cloud: LocalCloud, progress: Progress) -> None:
        """`progress` is told of every step."""
        self._cloud, self._progress = cloud, progress
        self._api = client.Api(cloud.api, cloud.api_key)
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Every scenario that is played waits for nothing more; what came of it does not count."""
        self._stopped.set()
        self._progress.be_silent()
        self._cloud.receiver.stop_waiting()

    def play(self, scenario: Scenario) -> Outcome:
        """What came of it; failures to connect are problems too."""
        outcome = Outcome(scenario)
        try:
            self._ask(scenario, outcome, lambda text: self._progress(scenario, text))
        except (client.ApiError, OSError) as error:
            outcome.problems.append(f"{type(error).__name__}: {error}")
            self._progress(scenario, f"failed: {error}")
        return outcome

    def fetch_sequence(self, scenario: Scenario) -> list[str]:
        """Asks for a light sequence, as the reflect flow begins; what was not as expected."""
        try:
            answer = self._api.reflect_sequence(_DEVICE_DATA)
            sequence = base64.b64decode(answer["content_base64"], validate=True)
        except (client.ApiError, OSError, ValueError) as error:
            self._progress(scenario, f"no light sequence: {error}")
            return [f"light sequence: {type(error).__name__}: {error}"]
        digest = hashlib.md5(sequence, usedforsecurity=False).hexdigest()
        if not sequence or digest != answer["md5"]:
            self._progress(scenario, "the light sequence does NOT have its MD5")
            return [f"light sequence: MD5 {digest}, and {answer['md5']} was promised"]
        self._progress(scenario, f"light sequence of {len(sequence)} bytes, MD5 {digest} proven")
        return []

    def _ask(self, scenario: Scenario, outcome: Outcome, step: Step) -> None:
        deadline = time.monotonic() + scenario.limit
        began = time.monotonic()
        created = self._api.create(_request(scenario))
        outcome.timings["create"] = time.monotonic() - began
        verification = str(created["id"])
        step(f"created {verification} in {created['region']}")
        began = time.monotonic()
        if scenario.send:
            _send(scenario, created["uploads"], outcome, step)
            outcome.timings["put"] = time.monotonic() - began
        sent = time.monotonic()
        decided = self._decision(verification, deadline, 1.0 if scenario.expires_in else 0.15)
        if decided is None:
            outcome.problems.append(f"no decision within {scenario.limit:.0f} s")
            step("no decision came")
            return
        outcome.timings["decision"] = time.monotonic() - sent
        outcome.decision, outcome.reason = str(decided["decision"]), str(decided["reason"]["code"])
        step(f"decided: {outcome.decision} ({outcome.reason})")
        outcome.expect("decision", scenario.decision, outcome.decision)
        outcome.expect("reason", scenario.reason, outcome.reason)
        outcome.expect(
            "calls in the record",
            [scenario.action] * sum(scenario.calls.values()),
            [call["action"] for call in decided["calls"]],
        )
        webhook = self._cloud.receiver.wait_for(verification, deadline)
        if webhook is None:
            outcome.problems.append(f"no webhook within {scenario.limit:.0f} s")
            step("no webhook came")
            return
        outcome.timings["webhook"] = webhook.at - sent
        _judge_webhook(outcome, webhook)
        step("webhook verified" if outcome.verified else "webhook NOT verified")
        self._look_at_evidence(scenario, decided, outcome, step)

    def _decision(self, verification: str, deadline: float, pause: float) -> dict[str, Any] | None:
        while time.monotonic() < deadline:
            found = self._api.read(verification)
            if found["decision"] is not None:
                return found
            if self._stopped.wait(pause):
                break
        return None

    def _look_at_evidence(
        self, scenario: Scenario, decided: dict[str, Any], outcome: Outcome, step: Step
    ) -> None:
        """Fetches the best frame that was kept; one of a video must be a frame of it."""
        kept = (decided["evidence"] or {}).get("frames", [])
        if not kept:
            if scenario.frame_of_video:
                outcome.problems.append("no best frame was kept")
            return
        try:
            picture = self._cloud.deployment.stored(kept[0]["key"])
        except LocalCloudError as error:
            outcome.problems.append(f"the best frame cannot be fetched: {error}")
            return
        digest = hashlib.md5(picture, usedforsecurity=False).hexdigest()
        outcome.expect("MD5 of the best frame", kept[0]["md5"], digest)
        outcome.frame = "kept"
        if not scenario.frame_of_video:
            step(f"best frame of {len(picture)} bytes is in the bucket, with its MD5")
            return
        try:
            match = frames.nearest(scenario.files["video"].data, picture)
        except LocalCloudError as error:
            outcome.problems.append(f"best frame: {error}")
            return
        where = f"frame {match.number} of {match.count}"
        if match.is_frame:
            outcome.frame = where
            step(f"best frame in the bucket is the video's: {where}")
            return
        outcome.frame = "NOT of the video"
        apart = f"nearest is {where}, {match.difference:.1f} of 255 apart"
        outcome.problems.append(f"the best frame is none of the video's; {apart}")
        step(f"the best frame is NOT of the video; {apart}")


def _request(scenario: Scenario) -> dict[str, Any]:
    """The body of POST /v1/verifications."""
    body: dict[str, Any] = {
        "check": scenario.check,
        "inputs": {name: sample.declaration() for name, sample in scenario.files.items()},
        "reference": scenario.name,
    }
    if scenario.challenge is not None:
        body["challenge"] = dict(scenario.challenge)
    if scenario.expires_in is not None:
        body["expires_in"] = scenario.expires_in
    return body


def _send(scenario: Scenario, uploads: dict[str, Any], outcome: Outcome, step: Step) -> None:
    for name, sample in scenario.files.items():
        if scenario.wrong_bytes_first:
            refused = client.put(uploads[name], _flipped(sample))
            outcome.expect(f"status of wrong {name}", 400, refused.status)
            if b"BadDigest" not in refused.body:
                outcome.problems.append(f"the bucket did not say BadDigest for wrong {name}")
            step(f"wrong bytes for {name}: the bucket answered {refused.status}")
        answer = client.put(uploads[name], sample.data)
        outcome.expect(f"status of {name}", 200, answer.status)
        step(f"put {name}, {len(sample.data)} bytes: {answer.status}")


def _flipped(sample: Sample) -> bytes:
    middle = len(sample.data) // 2
    flipped = bytes([sample.data[middle] ^ 0xFF])
    return sample.data[:middle] + flipped + sample.data[middle + 1 :]


def _judge_webhook(outcome: Outcome, webhook: Received) -> None:
    outcome.verified = webhook.verified
    if not webhook.verified:
        outcome.problems.append("the webhook's signature does not verify")
    payload = webhook.payload()
    data = payload.get("data", {})
    outcome.expect("webhook type", f"verification.{outcome.decision}", payload.get("type"))
    outcome.expect("webhook check", outcome.scenario.check, data.get("check"))
    outcome.expect("webhook decision", outcome.decision, data.get("decision"))
    outcome.expect("webhook reason", outcome.reason, (data.get("reason") or {}).get("code"))
    outcome.expect("webhook reference", outcome.scenario.name, data.get("reference"))
