"""Runs one scenario of the demo as a team's server and app would, and compares every step."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from liveproof_client import Liveproof, LiveproofError, models
from tools import http_client
from tools.demo import frames
from tools.demo.samples import Sample
from tools.demo.scenarios import Scenario
from tools.demo.table import Paint
from tools.local.cloud import LocalCloud
from tools.local.receiver import ReceivedWebhook
from tools.processes import ToolError

# The mobile SDK's description of its phone, as far as it is published.
_DEVICE_DATA = json.dumps({"platform": 2, "select_data": "{}"})
Report = Callable[[str], None]


@dataclass
class Outcome:
    """How a scenario ended.

    Attributes:
        frame: which best frame was stored, for people.
        verified: whether the webhook's signature verified.
        timings: seconds by step.
        problems: every difference from what was expected.
    """

    scenario: Scenario
    decision: str = ""
    reason: str = ""
    frame: str = ""
    verified: bool = False
    timings: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def expect(self, what: str, expected: object, got: object) -> None:
        """Adds a problem unless both are equal."""
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
        """Prints a step of a scenario."""
        at = self._paint("dim", f"{time.monotonic() - self._start:6.2f} s")
        with self._lock:
            if self._is_silent:
                return
            print(f"{at}  {scenario.name:<{self._width}} {text}", flush=True)

    def silence(self) -> None:
        """Prints nothing from now on."""
        with self._lock:
            self._is_silent = True


class ScenarioRunner:
    """Runs scenarios on a local cloud; safe to use from many threads."""

    def __init__(self, cloud: LocalCloud, api: Liveproof, progress: Progress) -> None:
        """`api` is a client of the cloud; `progress` gets every step."""
        self._cloud, self._api, self._progress = cloud, api, progress
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Ends all waiting, so that running scenarios end early; their outcomes do not count."""
        self._stopped.set()
        self._progress.silence()
        self._cloud.receiver.stop_waiting()

    def run(self, scenario: Scenario) -> Outcome:
        """Runs one scenario to its end. A failure to connect is a problem of the outcome."""
        outcome = Outcome(scenario)
        try:
            self._run(scenario, outcome, lambda text: self._progress(scenario, text))
        except (LiveproofError, OSError) as error:
            outcome.problems.append(f"{type(error).__name__}: {error}")
            self._progress(scenario, f"failed: {error}")
        return outcome

    def fetch_sequence(self, scenario: Scenario) -> list[str]:
        """Requests a light sequence, as the reflect flow begins; returns the problems."""
        try:
            answer = self._api.create_reflect_sequence({"device_data": _DEVICE_DATA})
            sequence = base64.b64decode(answer["content_base64"], validate=True)
        except (LiveproofError, ValueError) as error:
            self._progress(scenario, f"no light sequence: {error}")
            return [f"light sequence: {type(error).__name__}: {error}"]
        digest = hashlib.md5(sequence, usedforsecurity=False).hexdigest()
        if not sequence or digest != answer["md5"]:
            self._progress(scenario, "the light sequence does NOT have its MD5")
            return [f"light sequence: MD5 {digest}, and {answer['md5']} was promised"]
        self._progress(scenario, f"light sequence of {len(sequence)} bytes, MD5 {digest} proven")
        return []

    def _run(self, scenario: Scenario, outcome: Outcome, report: Report) -> None:
        deadline = time.monotonic() + scenario.limit
        began = time.monotonic()
        created = self._api.create(_request(scenario))
        outcome.timings["create"] = time.monotonic() - began
        verification_id = str(created["id"])
        report(f"created {verification_id} in {created['region']}")
        began = time.monotonic()
        if scenario.send:
            self._upload(scenario, created, outcome, report)
            outcome.timings["put"] = time.monotonic() - began
        sent = time.monotonic()
        decided = self._decision(verification_id, deadline, 1.0 if scenario.expires_in else 0.15)
        if decided is None:
            outcome.problems.append(f"no decision within {scenario.limit:.0f} s")
            report("no decision came")
            return
        outcome.timings["decision"] = time.monotonic() - sent
        outcome.decision = str(decided["decision"])
        outcome.reason = decided["reason"]["code"] if decided["reason"] else ""
        report(f"decided: {outcome.decision} ({outcome.reason})")
        outcome.expect("decision", scenario.decision, outcome.decision)
        outcome.expect("reason", scenario.reason, outcome.reason)
        outcome.expect(
            "calls in the record",
            [scenario.action] * sum(scenario.calls.values()),
            [call["action"] for call in decided["calls"]],
        )
        webhook = self._cloud.receiver.wait_for(verification_id, deadline)
        if webhook is None:
            outcome.problems.append(f"no webhook within {scenario.limit:.0f} s")
            report("no webhook came")
            return
        outcome.timings["webhook"] = webhook.at - sent
        _check_webhook(outcome, webhook)
        report("webhook verified" if outcome.verified else "webhook NOT verified")
        self._check_evidence(scenario, decided, outcome, report)

    def _upload(
        self, scenario: Scenario, created: models.Created, outcome: Outcome, report: Report
    ) -> None:
        for name, sample in scenario.files.items():
            if scenario.wrong_bytes_first:
                refused = http_client.put(created["uploads"][name], _flip_a_byte(sample))
                outcome.expect(f"status of wrong {name}", 400, refused.status)
                if b"BadDigest" not in refused.body:
                    outcome.problems.append(f"the bucket did not say BadDigest for wrong {name}")
                report(f"wrong bytes for {name}: the bucket answered {refused.status}")
            self._api.upload(created, {name: sample.data})
            report(f"put {name}, {len(sample.data)} bytes")

    def _decision(
        self, verification_id: str, deadline: float, pause: float
    ) -> models.Verification | None:
        while time.monotonic() < deadline:
            view = self._api.get(verification_id)
            if view["decision"] is not None:
                return view
            if self._stopped.wait(pause):
                break
        return None

    def _check_evidence(
        self, scenario: Scenario, decided: models.Verification, outcome: Outcome, report: Report
    ) -> None:
        """Fetches the best frame. If the check has a video, it must be a frame of the video."""
        stored = decided["evidence"]["frames"] if decided["evidence"] else []
        if not stored:
            if scenario.frame_of_video:
                outcome.problems.append("no best frame was stored")
            return
        try:
            picture = self._cloud.deployment.stored(stored[0]["key"])
        except ToolError as error:
            outcome.problems.append(f"the best frame cannot be fetched: {error}")
            return
        digest = hashlib.md5(picture, usedforsecurity=False).hexdigest()
        outcome.expect("MD5 of the best frame", stored[0]["md5"], digest)
        outcome.frame = "kept"
        if not scenario.frame_of_video:
            report(f"best frame of {len(picture)} bytes is in the bucket, with its MD5")
            return
        try:
            match = frames.nearest(scenario.files["video"].data, picture)
        except ToolError as error:
            outcome.problems.append(f"best frame: {error}")
            return
        where = f"frame {match.number} of {match.count}"
        if match.is_frame:
            outcome.frame = where
            report(f"best frame in the bucket is the video's: {where}")
            return
        outcome.frame = "NOT of the video"
        apart = f"nearest is {where}, {match.difference:.1f} of 255 apart"
        outcome.problems.append(f"the best frame is none of the video's; {apart}")
        report(f"the best frame is NOT of the video; {apart}")


def _request(scenario: Scenario) -> models.CreateVerification:
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
    return cast(models.CreateVerification, body)


def _flip_a_byte(sample: Sample) -> bytes:
    middle = len(sample.data) // 2
    flipped = bytes([sample.data[middle] ^ 0xFF])
    return sample.data[:middle] + flipped + sample.data[middle + 1 :]


def _check_webhook(outcome: Outcome, webhook: ReceivedWebhook) -> None:
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
