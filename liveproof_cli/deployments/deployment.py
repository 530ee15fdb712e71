"""The deployment that a command works on."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from liveproof.api.operator_requests import OperatorRequest
from liveproof.domain.endpoint_health import Policy
from liveproof.endpoints import Endpoints
from liveproof.heartbeats import Heartbeats
from liveproof.limits import Limits
from liveproof.ports import Bucket, Records, Steps
from liveproof_cli.deployments.aws_lambda import LambdaFunctions
from liveproof_cli.deployments.check_queues import CheckQueue
from liveproof_cli.deployments.functions import ApiAnswer, Functions
from liveproof_cli.deployments.queues import Queues
from liveproof_cli.deployments.scf import Concurrency
from liveproof_cli.errors import ExplainError

RECORD_DAYS = None
"""A command does not know the setting: a record that stays finished keeps the time it has."""

ENDPOINT_POLICY = Policy(in_flight=1, pause_after_ms=0, spacing_ms=1)
"""Commands make no attempts, so it does not matter what the deployment's settings say of them."""


@dataclass(frozen=True)
class Deployment:
    """A deployment as a command sees it.

    Attributes:
        cloud: `aws` or `tencent`.
        region: of the cloud.
        api: the HTTP API's address, without a slash at the end; None where it is not known.
        records: its verifications.
        bucket: its files; None where nothing here may read them.
        endpoints: the health of its clients' webhook endpoints.
        limits: the counters of a day.
        heartbeats: when something happened last.
        functions: the deployed functions.
        steps: starts a step now; None where it is not known how.
        store: what is wrong with the tables, a sentence each.
        clients: the names of all clients that have a verification.
        operator: who works with it, for the records' history.
        api_key: a key for the API of a local deployment; None for any other.
        outputs: what the infrastructure calls its parts: the stack's or Terraform's outputs.
        ask: the answer of the function `webhooks` to a request in a client's place; raises
            CannotBeDone.
        queues: on AWS; None elsewhere.
        check_queues: the checks' queues on Tencent Cloud; None elsewhere.
        account: on AWS; None elsewhere.
        concurrency: how much memory functions of the region may have at one moment, on Tencent
            Cloud; None elsewhere.
        secret: the text of a secret by its name, such as `webhooks`; raises CannotBeDone.
        put_secret: writes a secret's text; the functions read it from then on. Raises CannotBeDone.
    """

    cloud: str
    region: str
    api: str | None
    records: Records
    endpoints: Endpoints
    limits: Limits
    heartbeats: Heartbeats
    functions: Functions
    steps: Steps | None
    store: Callable[[], list[str]]
    clients: Callable[[], list[str]]
    operator: Callable[[], str]
    ask: Callable[[OperatorRequest], ApiAnswer]
    secret: Callable[[str], bytes] = field(repr=False)
    put_secret: Callable[[str, bytes], None] = field(repr=False)
    api_key: str | None = field(default=None, repr=False)
    outputs: dict[str, str] = field(default_factory=dict, repr=False)
    bucket: Bucket | None = None
    queues: Queues | None = None
    check_queues: Callable[[], list[CheckQueue]] | None = None
    account: LambdaFunctions | None = None
    concurrency: Callable[[], Concurrency] | None = None


Opened = tuple[AbstractContextManager[Deployment], ExplainError]
"""A deployment that is not connected yet, and what explains the errors of its cloud."""


def user_at_host() -> str:
    """Who works at this machine, as the machine says: for a cloud without a login of its own."""
    return f"{getpass.getuser()}@{socket.gethostname()}"
