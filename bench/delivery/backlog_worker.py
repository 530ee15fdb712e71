"""`python -m bench.delivery.backlog_worker DATABASE URL`: runs `deliver_result` for ids on stdin.

Sixteen at a time, as so many runs of the function would.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

# powertools reads these when liveproof.observability is imported.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "liveproof")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "liveproof")

import msgspec

from bench.delivery.backlog import ENDPOINTS
from bench.delivery.delivery_ports import decided_verifications
from bench.in_memory import FileBucket, NoCloud, bag_for
from liveproof import facts, observability
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.endpoints import SqlEndpoints
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.dependencies import Dependencies
from liveproof.domain.endpoint_permits import Endpoint
from liveproof.domain.states import Step
from liveproof.domain.verification import Verification
from liveproof.endpoints import policy_of
from liveproof.secret_documents import Webhooks, read_secret
from liveproof.use_cases.deliver_result import deliver_result
from liveproof.webhooks.sender import HttpWebhookSender

_AT_ONCE = 16
_RUN_MS = 20_000
_SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()


class _Nothing(NoCloud):
    """The webhooks' secret; and a later step is started by what lists the due ones."""

    def __init__(self, url: str) -> None:
        endpoints = {
            f"client-{number}": {"url": f"{url}/{number}", "secrets": [_SECRET]}
            for number in range(ENDPOINTS)
        }
        self._document = json.dumps({"endpoints": endpoints}).encode()

    def get(self, name: str) -> bytes:
        return self._document

    def request(
        self,
        step: Step,
        verification_id: str,
        at: int | None = None,
        *,
        check: str | None,
        client: str | None,
    ) -> None:
        return


def _bag(database: Database, url: str) -> Dependencies:
    bag = bag_for(decided_verifications(1)[0], FileBucket(Path()))
    nothing = _Nothing(url)
    return replace(
        bag,
        records=SqlRecords(database, 365),
        endpoints=SqlEndpoints(database, policy_of(bag.settings)),
        secrets=nothing,
        steps=nothing,
        webhook_sender=HttpWebhookSender(facts.webhook_schedule(), bag.clock, public_only=False),
    )


def _prepare_types(bag: Dependencies) -> None:
    """msgspec prepares a type at its first use, and several threads at once crash it."""
    msgspec.json.decode(msgspec.json.encode(decided_verifications(1)[0]), type=Verification)
    msgspec.json.decode(b"{}", type=Endpoint)
    read_secret(bag.secrets, "webhooks", Webhooks)


def main(url_of_database: str, url: str) -> None:
    """Until standard input ends."""
    observability.logger.setLevel("CRITICAL")
    bag = _bag(Database(url_of_database, None), url)

    def deliver(verification_id: str) -> None:
        deliver_result(bag, verification_id, bag.clock.now() + _RUN_MS)

    _prepare_types(bag)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for line in sys.stdin:
            pool.submit(deliver, line.strip())


if __name__ == "__main__":
    main(*sys.argv[1:3])
