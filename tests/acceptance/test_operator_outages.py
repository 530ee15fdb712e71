"""A bad night on each local cloud: the vendor is down, a client's endpoint has been down for a day,
and a function fails at every message. The operator asks `liveproof doctor` once, and then follows
the pages for one after the other. The waits overlap."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from liveproof.clock import iso, now_ms
from liveproof.domain.endpoint_health import Outcome, Report
from liveproof.domain.endpoint_permits import Permit
from liveproof.domain.verification import Verification
from liveproof_cli.deployments.files import of_file
from tests.acceptance.client import Client
from tests.acceptance.shell import SECONDS, Operator
from tests.docs.pages import blocks
from tests.support.api import Api
from tests.support.local_clouds import SECOND_API_KEY, SECOND_CLIENT
from tools.local.aws import deployment as aws
from tools.local.cloud import LocalCloud
from tools.processes import free_port
from tools.webhooks.forwarding import require_target

FILM_ACTION = "VideoLivenessCompare"
REFUSED = "LIVEPROOF_CALL_TIMEOUT_SECONDS"
FILMS = 12  # the breaker opens after ten requests
DAY_MS = 24 * 60 * 60 * 1000


def eventually(holds: Callable[[], Any], what: str, seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.3)


def commands(page: str, beginning: str) -> str:
    (command,) = [block.text for block in blocks("sh", page) if beginning in block.text]
    return command


@dataclass(frozen=True)
class Night:
    """What is broken, and what `doctor` said of it by probe.

    Attributes:
        films: waited for the vendor.
        listed, shown: what `list` and `show` said of them meanwhile.
        dry_run: what `redrive --dry-run` said.
        redrive: the page's command.
        waiting: decided while the endpoint of `shop` was paused, the oldest first.
        stuck: its erasure met a function that fails.
        began_at: ms since 1970.
    """

    client: Client
    shop: Client
    operator: Operator
    films: list[str]
    listed: str
    shown: dict[str, Any]
    dry_run: str
    redrive: str
    waiting: list[str]
    stuck: str
    began_at: int
    findings: dict[str, list[dict[str, Any]]]

    def amiss(self, probe: str, verdict: str) -> str:
        return "\n".join(
            line["says"] for line in self.findings[probe] if line["verdict"] == verdict
        )


@pytest.fixture(scope="module")
def night(local_cloud: LocalCloud) -> Iterator[Night]:
    local_cloud.emulator.reset()
    dead_letters = local_cloud.deployment.dead_letters()
    client, shop = (Client(local_cloud, random.Random()) for _ in range(2))
    shop.api = Api(local_cloud.api, SECOND_API_KEY)
    operator = Operator(local_cloud.document()["deployment"])
    endpoint = local_cloud.receiver.endpoints[f"/webhooks/{SECOND_CLIENT}"]
    began_at = now_ms()
    with ExitStack() as broken:
        broken.callback(local_cloud.emulator.reset)
        broken.callback(setattr, endpoint, "target", None)
        endpoint.target = require_target(f"http://127.0.0.1:{free_port()}/")
        fail_a_day_ago(local_cloud)
        waiting = [paused_by(shop)]
        stuck = client.outcome(client.start(check="photo")["id"])["id"]
        findings: dict[str, list[dict[str, Any]]] = {}
        with failing_erasures(local_cloud):
            client.api.delete(stuck)
            waiting += [waiting_turn(shop), waiting_turn(shop)]
            eventually(
                lambda: local_cloud.deployment.dead_letters() > dead_letters,
                "the function's message is not given up",
            )
            local_cloud.emulator.fault(FILM_ACTION, "engine-error", 1000)
            films = [client.start(check="video")["id"] for _ in range(FILMS)]
            eventually(lambda: wait_for_vendor(client, films), "the breaker does not open")
            for line in operator.lines("doctor", "--wait", "5", status=1):
                findings.setdefault(line["probe"], []).append(line)
            listed = operator.type(commands("pace.md", "list --state checking"))
            shown = operator.show(next(id for id in films if refused_by_vendor(client, id)))
            look, redrive = commands("doctor.md", "redrive --dry-run").strip().splitlines()
            dry_run = operator.type(look)
        local_cloud.emulator.end_faults(FILM_ACTION)  # the vendor comes back by itself
        yield Night(
            client=client,
            shop=shop,
            operator=operator,
            films=films,
            listed=listed,
            shown=shown,
            dry_run=dry_run,
            redrive=redrive,
            waiting=waiting,
            stuck=stuck,
            began_at=began_at,
            findings=findings,
        )


@contextmanager
def failing_erasures(cloud: LocalCloud) -> Iterator[None]:
    """Until the block ends, `erase` refuses a setting that somebody has changed by hand.

    On AWS a message that failed is hidden for a second: five tries take more than a minute else.
    """
    with ExitStack() as stack:
        if cloud.name == "aws":
            deployed = aws.of(cloud)
            queues, url = deployed.aws.client("sqs"), deployed.outputs["ErasuresQueueUrl"]
            hidden = "VisibilityTimeout"
            attributes = queues.get_queue_attributes(QueueUrl=url, AttributeNames=[hidden])
            queues.set_queue_attributes(QueueUrl=url, Attributes={hidden: "1"})
            before = {hidden: attributes["Attributes"][hidden]}
            stack.callback(queues.set_queue_attributes, QueueUrl=url, Attributes=before)
        stack.enter_context(cloud.deployment.with_variable("erase", REFUSED, "soon"))
        yield


def fail_a_day_ago(cloud: LocalCloud) -> None:
    """An attempt at the endpoint of the second client, by the store that the functions use."""
    connected, _ = of_file(cloud.deployment_file, None)
    then = now_ms() - DAY_MS
    with connected as deployment:
        permit = deployment.endpoints.take_permit(SECOND_CLIENT, then, waited=False)
        assert isinstance(permit, Permit)
        deployment.endpoints.give_back(permit, Report(Outcome.FAILED, "502"), then)


def record(cloud: LocalCloud, id: str) -> Verification:
    """As the store has it."""
    connected, _ = of_file(cloud.deployment_file, None)
    with connected as deployment:
        loaded = deployment.records.load(id)
    assert loaded is not None
    return loaded


def decided(shop: Client) -> str:
    """A verification whose decision is there; its webhook is not."""
    made = shop.start(check="photo")["id"]
    eventually(lambda: shop.api.read(made)["status"] == "decided", "no decision")
    return str(made)


def waiting_turn(shop: Client) -> str:
    """One whose delivery has got its turn behind those that have waited longer."""
    made = decided(shop)

    def has_turn() -> bool:
        delivery = record(shop.cloud, made).delivery
        return delivery is not None and delivery.waits

    eventually(has_turn, "the delivery got no turn")
    return made


def paused_by(shop: Client) -> str:
    """One whose webhook found the endpoint down for a day."""
    made = decided(shop)
    eventually(lambda: shop.api.read(made)["delivery"]["attempts"], "the endpoint was not tried")
    return made


def wait_for_vendor(client: Client, ids: list[str]) -> bool:
    log = functions_log(client.cloud)
    waits = (client.api.read(id)["waiting_for"] == "vendor" for id in ids)
    return "VENDOR_DOWN" in log and all(waits)


def refused_by_vendor(client: Client, id: str) -> bool:
    """Whether a call was made; the others found the breaker open already."""
    return any(call["code"] for call in client.api.read(id)["calls"])


def functions_log(cloud: LocalCloud) -> str:
    return (cloud.logs / "functions.log").read_text("utf-8")


def test_a_stuck_queue_is_found_and_sent_back(night: Night) -> None:
    """docs/doctor.md: the cause is mended; `redrive` says what each would do, and does it."""
    refused = night.amiss("settings", "failed")
    assert "erase: setting refused" in refused
    assert REFUSED in refused
    if night.client.cloud.name == "aws":
        assert "messages of Erasures failed five times" in night.amiss("dead-letters", "failed")
    else:
        assert "dead-letters" not in night.findings  # SCF has dropped the event
    rows = [line for line in night.dry_run.splitlines() if night.stuck in line]
    assert rows
    assert all("goes on with its erasure" in row and "nothing" in row for row in rows)

    # Other tests left verifications without files: it would ask before it looks for them.
    night.operator.type(f"{night.redrive} --yes")

    eventually(
        lambda: night.client.api.read(night.stuck)["status"] == "erased",
        "the message was not sent back",
    )


def test_a_vendor_that_is_down_is_found_and_nobody_fails_early(night: Night) -> None:
    """docs/pace.md, when the vendor is down: nothing has to be started again."""
    # One of them may be the probe at that moment.
    assert "verifications of video that wait for the vendor: 1" in night.amiss("vendor", "warning")
    assert '"VendorDown"' in functions_log(night.client.cloud)
    assert night.listed.count("waits: vendor") >= FILMS - 2
    assert "FailedOperation.LivessSystemError" in str(night.shown["timeline"])

    outcomes = [night.client.outcome(id, 2 * SECONDS) for id in night.films]

    assert {outcome["decision"] for outcome in outcomes} == {"passed"}
    calls = [call for outcome in outcomes for call in outcome["calls"]]
    assert [call["billable"] for call in calls].count("yes") == FILMS
    assert "VENDOR_UP" in functions_log(night.client.cloud)


def test_an_endpoint_that_was_down_for_a_day_gets_everything(night: Night) -> None:
    """docs/operating.md, when an endpoint is down."""
    cloud, operator = night.client.cloud, night.operator
    assert SECOND_CLIENT in night.amiss("endpoints", "failed")
    log = functions_log(cloud)
    assert "ENDPOINT_PAUSED" in log
    assert '"EndpointPaused"' in log
    paused, test = commands("operating.md", "endpoints --state paused").strip().splitlines()
    assert SECOND_CLIENT in operator.type(paused)
    (endpoint,) = operator.lines("endpoints", "--client", SECOND_CLIENT)
    assert endpoint["failing_since"] < iso(night.began_at - DAY_MS + 60_000)
    test = test.replace("$CLIENT", SECOND_CLIENT)
    assert "NOT ACCEPTED" in operator.type(f"! {test}")
    attempts = [night.shop.api.read(id)["delivery"]["attempts"] for id in night.waiting]
    assert attempts[0] >= 1
    assert attempts[-1] == 0  # who waits uses up none; the second may have been a probe

    cloud.receiver.endpoints[f"/webhooks/{SECOND_CLIENT}"].target = None
    eventually(lambda: " accepted" in operator.type(f"{test} || true").lower(), "not accepted")

    assert operator.lines("endpoints", "--state", "paused") == []
    at_once = commands("operating.md", "resend --since").replace("$CLIENT", SECOND_CLIENT)
    operator.type(at_once)
    cloud.deployment.sweep()

    for id in night.waiting:
        night.shop.outcome(id, 2 * SECONDS)
