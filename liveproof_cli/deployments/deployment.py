"""The deployment that a command works on."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from liveproof.domain.endpoint_health import Policy
from liveproof.endpoints import Endpoints
from liveproof.ports import Bucket, Records
from liveproof_cli.errors import CannotBeDone, ExplainError

RECORD_DAYS = None
"""A command does not know the setting: a record that stays finished keeps the time it has."""

ENDPOINT_POLICY = Policy(in_flight=1, pause_after_ms=0, spacing_ms=1)
"""Commands make no attempts, so it does not matter what the deployment's settings say of them."""


def _no_secrets(name: str) -> bytes:
    raise CannotBeDone(
        f"Commands do not read secrets on Tencent Cloud: write the text of the secret {name} into a"
        " file (tccli ssm GetSecretValue), and name the file with --file."
    )


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
        clients: the names of all clients that have a verification.
        operator: who works with it, for the records' history.
        api_key: a key for the API of a local deployment; None for any other.
        api_keys: a key of each client of a local deployment; none for any other.
        outputs: what the infrastructure calls its parts: the stack's or Terraform's outputs.
        secret: the text of a secret by its name, such as `webhooks`; raises CannotBeDone.
    """

    cloud: str
    region: str
    api: str | None
    records: Records
    endpoints: Endpoints
    clients: Callable[[], list[str]]
    operator: Callable[[], str]
    bucket: Bucket | None = None
    api_key: str | None = field(default=None, repr=False)
    api_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    outputs: dict[str, str] = field(default_factory=dict, repr=False)
    secret: Callable[[str], bytes] = field(default=_no_secrets, repr=False)


Opened = tuple[AbstractContextManager[Deployment], ExplainError]
"""A deployment that is not connected yet, and what explains the errors of its cloud."""


def user_at_host() -> str:
    """Who works at this machine, as the machine says: for a cloud without a login of its own."""
    return f"{getpass.getuser()}@{socket.gethostname()}"
