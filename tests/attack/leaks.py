"""Whoever reads logs, records, webhooks and consoles: what must not be found there.

A play of passes, refusals, faults and mistakes puts a canary into everything that is secret; then
every place that a local cloud has is searched for each of them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from liveproof import facts
from tests.attack.client_bodies import body, image
from tests.attack.rows import Outcome, Row, Side
from tests.attack.wire import Request, exchange
from tests.support.local_clouds import SECOND_API_KEY, SECOND_USERINFO
from tools import client as http
from tools.client import Api, ApiError
from tools.demo.samples import Sample
from tools.demo.scenarios import Files
from tools.demo.user_files import UserFiles
from tools.local.aws import deployment as aws
from tools.local.cloud import LocalCloud

_SETTLED_SECONDS = 240
FILE = b"canaryOfTheFilesBytes"
METADATA, REFERENCE = "canaryOfTheMetadata", "canaryOfTheReference"
IDEMPOTENCY, DEVICE = "canaryOfTheIdempotencyKey", "canaryOfTheDeviceData"
BODY, QUERY, PATH, WRONG_KEY = (
    "canaryOfARefusedBody", "canaryOfTheQuery", "canaryOfThePath", "lp_canaryOfAWrongKey",
)  # fmt: skip
# Where the client's own words are meant to be.
_RECORDS, _WEBHOOKS, _STATE, _LIST = "records", "webhooks", "console state", "API list"


@dataclass
class Ground:
    """A local cloud on which the play is over.

    Attributes:
        uploads: the URLs that were given out.
        places: what there is to read, by name; every file of the run's folder by its own.
        decided: how each verification of the play ended.
    """

    cloud: LocalCloud
    uploads: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    decided: dict[str, int] = field(default_factory=dict)
    places: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Canary:
    """Something secret.

    Attributes:
        values: gives every form of it that is looked for.
        allowed: the places that are meant to have it.
    """

    name: str
    values: Callable[[Ground], Sequence[bytes]]
    allowed: tuple[str, ...] = ()


def _text(*values: str) -> Callable[[Ground], Sequence[bytes]]:
    return lambda _: [value.encode() for value in values]


def _of_cloud(read: Callable[[LocalCloud], str]) -> Callable[[Ground], Sequence[bytes]]:
    return lambda ground: [read(ground.cloud).encode()]


def in_base64(value: bytes) -> list[bytes]:
    """How the bytes look within a base64 text, at each of the three phases."""
    found = []
    for phase in range(3):
        text = base64.b64encode(bytes(phase) + value)
        # The first and last characters depend on the neighbours.
        found.append(text[4 if phase else 0 : len(text) // 4 * 4 - 4])
    return found


def _signatures(ground: Ground) -> list[bytes]:
    names = ("X-Amz-Signature", "X-Amz-Security-Token", "q-signature", "x-cos-security-token")
    found = []
    for url in ground.uploads:
        query = parse_qs(urlsplit(url).query)
        found += [query[name][0].encode() for name in names if name in query]
    assert found
    return found


_OWN_WORDS = (_RECORDS, _WEBHOOKS, _STATE, _LIST)
CANARIES = (
    Canary("the first client's API key", _of_cloud(lambda cloud: cloud.api_key)),
    Canary("the second client's API key", _text(SECOND_API_KEY)),
    Canary("the digest of an API key",
           _text(hashlib.sha256(SECOND_API_KEY.encode()).hexdigest())),
    Canary("a wrong API key", _text(WRONG_KEY)),
    Canary("the webhook secret", _of_cloud(lambda cloud: cloud.webhook_secret)),
    Canary("the webhook key's bytes", lambda ground: [
        base64.b64decode(ground.cloud.webhook_secret.removeprefix("whsec_"))]),
    Canary("userinfo of an endpoint's URL",
           _text(SECOND_USERINFO, SECOND_USERINFO.partition(":")[2],
                 base64.b64encode(SECOND_USERINFO.encode()).decode())),
    Canary("the vendor's secret key", _of_cloud(lambda cloud: cloud.emulator.secret_key)),
    Canary("SenseID's key", _of_cloud(lambda cloud: cloud.emulator.senseid_key)),
    Canary("SenseID's IV", _of_cloud(lambda cloud: cloud.emulator.senseid_iv)),
    Canary("the files' bytes", lambda _: [FILE]),
    Canary("the files' bytes in base64", lambda _: in_base64(FILE)),
    Canary("a JPEG's beginning in base64", _text("/9j/4AAQSkZJRg")),
    Canary("metadata", _text(METADATA), _OWN_WORDS),
    Canary("reference", _text(REFERENCE), _OWN_WORDS),
    Canary("an idempotency key", _text(IDEMPOTENCY)),
    Canary("device data", _text(DEVICE, *(each.decode() for each in in_base64(DEVICE.encode())))),
    Canary("a field of a refused body", _text(BODY)),
    Canary("a value of a refused query", _text(QUERY)),
    Canary("an id of a refused path", _text(PATH)),
    Canary("signatures and tokens of upload URLs", _signatures),
    Canary("any signed URL", _text("X-Amz-Signature=", "q-signature=")),
    Canary("any bearer", _text("Bearer lp_")),
)  # fmt: skip


# -- the play ---------------------------------------------------------------------------------

# One fault of the vendor's for each check: its action, and how it fails.
_FAULTS = (
    ("reflect", "DetectReflectLivenessAndCompare", "reset-after-body"),
    ("reflect", "CreateUploadUrl", "not-json"),
    ("video", "VideoLivenessCompare", "http-502-after-charge"),
    ("photo", "DetectLiveFaceAccurate", "cut-short"),
    ("silent", "/identity/silent_image_verification/stateless", "wrong-content-type"),
)
_SCENARIOS = {
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
        for check, scenarios in _SCENARIOS.items():
            for scenario in scenarios:
                self._verification(self._first, check, scenario)
        self._verification(self._second, "photo", None)
        for check, action, fault in _FAULTS:
            self.ground.cloud.emulator.fault(action, fault)
            self._verification(self._first, check, None)
        self._wrong_bytes()
        self._refused_requests()
        self._wait()

    def _verification(self, api: Api, check: str, scenario: str | None) -> None:
        files = self._with_canary(check, scenario)
        made = api.create(
            {
                "check": check,
                "inputs": {name: sample.declaration() for name, sample in files.items()},
                "reference": f"{REFERENCE} {check}",
                "metadata": {"word": METADATA},
            },
            f"{IDEMPOTENCY}-{time.time_ns()}",
        )
        self.ground.ids.append(made["id"])
        for name, upload in made["uploads"].items():
            self.ground.uploads.append(upload["url"])
            assert http.put(upload, files[name].data, 120).status == 200

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
        assert http.put(upload, bytes(reversed(files["image"].data))).status == 400
        self._refused(lambda: self._first.renew(made["id"]))

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
            for each in list(waiting):
                for api in (self._first, self._second):
                    try:
                        seen = api.read(each)
                    except ApiError:
                        continue
                    if seen["delivery"] and seen["delivery"]["state"] == "delivered":
                        decision = str(seen["decision"])
                        self.ground.decided[decision] = self.ground.decided.get(decision, 0) + 1
                        del waiting[each]
                    break
            time.sleep(0.3)
        self.ground.decided["undecided"] = len(waiting)
        time.sleep(2)  # the functions' logs are copied once a second


# -- the places -------------------------------------------------------------------------------


def _places(cloud: LocalCloud) -> dict[str, bytes]:
    """Everything that somebody could read, by name."""
    found: dict[str, bytes] = {}
    for path in sorted(cloud.logs.rglob("*")):
        inside = path.relative_to(cloud.logs).parts
        # The code that runs is no place where it writes.
        if path.is_file() and not path.is_symlink() and inside[0] not in ("service", "functions"):
            found[_name(path)] = found.get(_name(path), b"") + path.read_bytes()
    api = Api(cloud.api, cloud.api_key, 120)
    found[_LIST] = json.dumps(api.newest(100), ensure_ascii=False).encode()
    found[_WEBHOOKS] = json.dumps([each.document() for each in cloud.receiver.received()]).encode()
    found["console page"] = http.request("GET", cloud.console).body
    found[_STATE] = http.request("GET", f"{cloud.console}/state").body
    found["emulator's calls"] = json.dumps(cloud.emulator.calls()).encode()
    if cloud.name == "aws":
        found |= _places_on_aws(aws.of(cloud))
    return found


def _name(path: Path) -> str:
    return _RECORDS if path.name.startswith("records.sqlite") else path.name


def _places_on_aws(deployment: aws.AwsDeployment) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    dynamodb = deployment.aws.client("dynamodb")
    records = []
    for table in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            records += page["Items"]
    found[_RECORDS] = json.dumps(records, default=str, ensure_ascii=False).encode()
    logs = deployment.aws.client("logs")
    events = []
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        events += [event["message"] for page in pages for event in page["events"]]
    found["CloudWatch"] = "\n".join(events).encode()
    sqs, messages = deployment.aws.client("sqs"), []
    for url in sqs.list_queues().get("QueueUrls", []):
        if "dead" in url.lower():
            got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
            messages += [message["Body"] for message in got.get("Messages", [])]
    found["dead-letter queues"] = "\n".join(messages).encode()
    return found


# -- rows -------------------------------------------------------------------------------------


def _searched(canary: Canary, ground: Ground) -> Outcome:
    values = [value for value in canary.values(ground) if value]
    assert values
    holding = [
        name for name, content in ground.places.items() if any(value in content for value in values)
    ]
    odd = [name for name in holding if name not in canary.allowed]
    missing = [name for name in canary.allowed if name not in holding]
    told = ", ".join(holding) or "nowhere"
    return Outcome(f"{told} (of {len(ground.places)} places)", not odd and not missing)


def _play_happened(ground: Ground) -> Outcome:
    """What is looked for was there: ids in log and records, every decision in the play."""
    logged = sum(each.encode() in ground.places["functions.log"] for each in ground.ids)
    recorded = sum(each.encode() in ground.places[_RECORDS] for each in ground.ids)
    told = ", ".join(f"{name} {count}" for name, count in sorted(ground.decided.items()))
    every = {"passed", "rejected", "resubmit", "error"} <= set(ground.decided)
    whole = logged == recorded == len(ground.ids) and not ground.decided["undecided"]
    return Outcome(f"{told}; logged {logged}, recorded {recorded}", every and whole)


def _no_traceback(ground: Ground) -> Outcome:
    lines = ground.places["functions.log"].splitlines()
    odd = [line for line in lines if b"Traceback" in line or b'  File "' in line]
    return Outcome(f"{len(odd)} of {len(lines)} lines", not odd)


def rows(_cloud: str | None) -> Sequence[Row]:
    """The table of one cloud. The play takes a minute, so `make test` leaves it out: canaries go
    through every path in tests/use_cases and through both local clouds in tests/functions."""
    assert set(_SCENARIOS) == set(facts.checks())
    searches = [
        Row(
            canary.name,
            ", ".join(canary.allowed) or "nowhere",
            partial(_searched, canary),
            slow=True,
        )
        for canary in CANARIES
    ]
    return (
        Row(
            "the play was played",
            "each decision, every id logged and recorded",
            _play_happened,
            slow=True,
        ),
        *searches,
        Row("a traceback in the functions' log", "nowhere", _no_traceback, slow=True),
    )


@contextmanager
def standing(cloud: LocalCloud | None) -> Iterator[Ground]:
    """The play, played; and the places after it."""
    assert cloud is not None
    ground = Ground(cloud)
    Play(ground).run()
    ground.places = _places(cloud)
    yield ground


SIDE = Side("leaks", "whoever reads logs, records, webhooks and consoles", rows, standing,
            on_clouds=True)  # fmt: skip
