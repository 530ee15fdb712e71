"""The local cloud: liveproof as the infrastructure code deploys it, on this machine, with emulated
vendors. Everything here is the same for both clouds; a `LocalDeployment` is one cloud's part."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Protocol

from liveproof.domain.states import Step
from tools import BUILD
from tools.console.server import Address, Console
from tools.console.site import Site
from tools.local import emulator
from tools.local.clients import LocalClient, local_clients, new_key
from tools.local.emulator import EmulatorProcess
from tools.local.extras import LocalExtras
from tools.local.receiver import Endpoint, Receiver
from tools.local.server import serving
from tools.processes import UsageError

CLOUDS = ("aws", "tencent")
# A folder for each run, with its logs. The newest `_MAX_RUNS` stay; LATEST links to the last.
RUNS = BUILD / "local" / "runs"
LATEST = BUILD / "local" / "logs"
_MAX_RUNS = 5
_DEPLOYMENT = "deployment.json"
_LOOK_SECONDS = 1.0


class LocalDeployment(Protocol):
    """liveproof on one local cloud, with the operations that demos and tests need.

    `tools.local.<cloud>.deployment.run_deployment(emulator, parameters, logs)` starts one.
    """

    @property
    def api(self) -> str:
        """The address of the HTTP API, without a slash at the end."""

    def document(self) -> dict[str, Any]:
        """What the command `liveproof` needs to use it, beside the API's address and key."""

    def put_secrets(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Stores the secrets, as an operator does after the first deployment.

        Args:
            documents: by `vendor_key`, `senseid_key`, `api_keys`, `webhooks`.
        """

    def require_running(self) -> None:
        """Raises ToolError if one of its programs has ended."""

    def without_trigger(self) -> AbstractContextManager[None]:
        """Until the block ends, the bucket tells nobody of new objects."""

    def with_variable(self, function: str, name: str, text: str) -> AbstractContextManager[None]:
        """Until the block ends, a function's environment has this variable, as if somebody had
        changed it by hand."""

    def stored(self, key: str) -> bytes:
        """The bytes of an object in the deployment's bucket. Raises ToolError."""

    def send(self, step: Step, message: Mapping[str, Any], times: int = 1) -> None:
        """Requests a step, as the deployment itself does; `times` copies."""

    def object_created(self, url: str, times: int = 1) -> None:
        """Repeats the bucket's event for the object of an upload's URL; `times` copies."""

    def sweep(self) -> None:
        """Runs the sweep now, without waiting for its schedule."""

    def waiting(self) -> int:
        """The number of messages that are not handled yet."""

    def dead_letters(self) -> int:
        """The number of messages that used up their attempts."""

    def retries(self) -> int:
        """How many times a message was delivered after its first time, since the start."""

    def workers(self, function: str | None = None) -> list[int]:
        """The process ids that run a function now, or any function."""


Start = Callable[
    [EmulatorProcess, Mapping[str, str], Path], AbstractContextManager[LocalDeployment]
]


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud.

    Attributes:
        name: one of `CLOUDS`.
        console: the page about it; nothing looks at the API before a browser opens it.
        endpoints: the address of the local receiver, without a path.
        clients: `demo` and any others.
    """

    name: str
    api: str
    console: Address
    endpoints: str
    clients: tuple[LocalClient, ...]
    receiver: Receiver
    emulator: EmulatorProcess
    deployment: LocalDeployment
    logs: Path

    @property
    def api_key(self) -> str:
        """The key of the client `demo`."""
        return self.clients[0].api_key

    @property
    def webhook_secret(self) -> str:
        """The secret (`whsec_`) of the client `demo`."""
        return self.clients[0].secret

    @property
    def webhooks(self) -> str:
        """The endpoint of the client `demo`; a GET lists what all clients got."""
        return f"{self.endpoints}{self.clients[0].path}"

    def document(self) -> dict[str, Any]:
        """The first line of `make local`; `clients` only if there are others than `demo`."""
        others = {client.name: client.document() for client in self.clients[1:]}
        return {
            "api": self.api,
            "emulator": self.emulator.url,
            "console": self.console.page,
            "webhooks": self.webhooks,
            **self.clients[0].document(),
            "deployment": str(self.deployment_file),
            **({"clients": others} if others else {}),
        }

    def secrets(self) -> dict[str, dict[str, Any]]:
        """The documents that its secrets have had since the start, as `put_secrets` takes them."""
        return _secrets(self.emulator, self.clients, self.endpoints)

    @property
    def deployment_file(self) -> Path:
        """The file that names this deployment to the command `liveproof`."""
        return self.logs / _DEPLOYMENT

    def require_running(self) -> None:
        """Raises ToolError if one of its programs has ended."""
        self.deployment.require_running()
        self.emulator.child.require_running()


def choose(environment: Mapping[str, str]) -> str:
    """The cloud that the variable CLOUD names, `aws` by default. Raises UsageError if unknown."""
    name = environment.get("CLOUD") or CLOUDS[0]
    if name not in CLOUDS:
        raise UsageError(f"CLOUD={name}: there is no such local cloud; CLOUD={' or '.join(CLOUDS)}")
    return name


def say(text: str) -> None:
    """Progress for people, on standard error."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def run_cloud(
    name: str = "aws",
    parameters: Mapping[str, str] | None = None,
    clients: Sequence[LocalClient] | None = None,
) -> Iterator[LocalCloud]:
    """A local cloud until the block ends; every program that it started ends with it.

    Args:
        name: one of `CLOUDS`.
        parameters: params of serverless.yml (aws) or variables of infra/tencent (tencent) to set.
        clients: `demo` first, as `local_clients` makes them.

    Raises:
        ToolError: a parameter is unknown, or something did not start or deploy; the text
            shows the right log's end.
    """
    deployments = importlib.import_module(f"tools.local.{name}.deployment")
    known = importlib.import_module(f"tools.local.{name}.parameters")
    known.require_known(parameters or {})
    started = time.monotonic()
    clients = tuple(clients or local_clients())
    receiver = Receiver(
        {
            client.path: Endpoint(client.secret, client.public_key, client.target)
            for client in clients
        },
        say,
    )
    logs = _new_run(name)
    start: Start = deployments.run_deployment
    with ExitStack() as stack:
        # It listens before the deployment, whose bucket has to take uploads from its page.
        console = Console()
        stack.callback(console.stop)
        address = console.address
        parameters = _with_origin(parameters or {}, known.CORS_PARAMETER, address.url)
        vendor = stack.enter_context(emulator.run_emulator(logs / "emulator.log"))
        deployment = stack.enter_context(start(vendor, parameters, logs))
        endpoints = stack.enter_context(serving(receiver))
        deployment.put_secrets(_secrets(vendor, clients, endpoints))
        say(f"{since(started)}  deployed; logs are in {logs}")
        local_cloud = LocalCloud(
            name, deployment.api, address, endpoints, clients, receiver, vendor, deployment, logs
        )
        _write_deployment(local_cloud)
        console.begin(_site(local_cloud))
        yield local_cloud


def _with_origin(parameters: Mapping[str, str], name: str, origin: str) -> dict[str, str]:
    """The parameters, with one more origin of browsers that may upload."""
    named = parameters.get(name, "")
    return {**parameters, name: f"{named},{origin}" if named else origin}


def _site(cloud: LocalCloud) -> Site:
    """What the console of a local cloud is about."""
    extras = LocalExtras(cloud.name, cloud.clients, cloud.receiver, cloud.emulator, cloud.endpoints)
    keys = {client.name: client.api_key for client in cloud.clients}
    return Site(cloud.api, keys, _LOOK_SECONDS, extras)


def _write_deployment(cloud: LocalCloud) -> None:
    """The file that only its owner may read: it has keys."""
    document = {
        "cloud": cloud.name,
        "api": cloud.api,
        "api_key": cloud.api_key,
        **cloud.deployment.document(),
    }
    cloud.deployment_file.touch(mode=0o600)
    cloud.deployment_file.write_text(json.dumps(document), encoding="utf-8")


def _secrets(
    vendor: EmulatorProcess, clients: Sequence[LocalClient], endpoints: str
) -> dict[str, dict[str, Any]]:
    return {
        "vendor_key": {"secret_id": vendor.secret_id, "secret_key": vendor.secret_key},
        "senseid_key": {"key": vendor.senseid_key, "iv": vendor.senseid_iv},
        "api_keys": {"clients": {client.name: client.keys() for client in clients}},
        "webhooks": {
            "endpoints": {client.name: client.endpoint(endpoints) for client in clients},
            "evidence_keys": [{"key": new_key("whsk_")}],
        },
    }


def stay_up(cloud: LocalCloud) -> None:
    """Blocks until a program ends, which raises ToolError, or a signal arrives."""
    while True:
        cloud.require_running()
        time.sleep(0.5)


def since(started: float) -> str:
    """The time since `started` (time.monotonic), for people."""
    return f"{time.monotonic() - started:5.1f} s"


def _new_run(name: str) -> Path:
    RUNS.mkdir(parents=True, exist_ok=True)
    ended = [folder for folder in sorted(RUNS.iterdir()) if not _is_running(folder)]
    for old in ended[: -_MAX_RUNS + 1]:
        shutil.rmtree(old, ignore_errors=True)
    logs = RUNS / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S}-{name}-{os.getpid()}"
    logs.mkdir(exist_ok=True)
    link = logs / "latest"
    link.symlink_to(logs.relative_to(LATEST.parent))
    link.replace(LATEST)
    return logs


def _is_running(folder: Path) -> bool:
    try:
        os.kill(int(folder.name.rpartition("-")[2]), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True  # somebody else's process
    return True
