"""The hops of the pipeline on Tencent Cloud with nothing in them: what the local platform costs.

PUT -> COS event -> function -> Invoke -> function -> Invoke -> function -> HTTP POST. The functions
pass the object's key on, with the vendor's SDK, and do nothing else. They run on a platform of
their own, beside the same emulator, with a bucket of their own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import vendor_sdks
from bench.figure import BenchError
from bench.hops import arrivals
from bench.hops.arrivals import Arrivals
from liveproof_emulator.cos import v5_signature
from liveproof_emulator.keys import Key
from tools import http_client
from tools.local.cloud import LocalCloud
from tools.local.emulator import EmulatorProcess
from tools.local.tencent.platform import client as platform_client
from tools.local.tencent.platform.config import Config

_REGION = "ap-singapore"
_BUCKET = "bench-1250000000"
_HOST = f"{_BUCKET}.cos.{_REGION}.myqcloud.com"
_PREFIX = "bench-"
_FOLDER = "passes/"
_HOPS = ("first", "second", "third")
_CODE = """
import json, os, sys, urllib.request
from urllib.parse import urlsplit

sys.path.append(os.environ["LIBRARIES"])
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

NEXT = {following!r}
address = urlsplit(os.environ["API"])
key = [os.environ["TENCENTCLOUD_" + name] for name in ("SECRETID", "SECRETKEY", "SESSIONTOKEN")]
profile = ClientProfile(httpProfile=HttpProfile(protocol=address.scheme, endpoint=address.netloc))
scf = CommonClient("scf", "2018-04-16", Credential(*key), os.environ["REGION"], profile)

def handler(event, context):
    for record in event.get("Records", ()):
        # /APPID/BUCKET/KEY
        event = {{"id": record["cos"]["cosObject"]["key"].split("/", 3)[3]}}
    body = json.dumps(event)
    if NEXT.startswith("function "):
        name = NEXT.partition(" ")[2]
        scf.call_json("Invoke", {{"FunctionName": name, "InvocationType": "Event",
                                 "ClientContext": body}})
    else:
        request = urllib.request.Request(NEXT, body.encode(), method="POST")
        urllib.request.urlopen(request, timeout=10).close()
"""


class BareHops:
    """The deployed hops."""

    def __init__(self, vendor: EmulatorProcess, receiver: Arrivals) -> None:
        self._vendor, self._arrivals = vendor, receiver

    def milliseconds(self, key: str) -> float:
        """From the PUT's answer to the arrival of the key. Raises BenchError if it gets lost."""
        account = Key(self._vendor.secret_id, self._vendor.secret_key)
        now = int(time.time())
        url = v5_signature.presign(account, "PUT", self._vendor.url, _HOST, key, now - 60, now + 60)
        answer = http_client.request("PUT", url, {"Content-Length": "1000"}, b"x" * 1000)
        if answer.status != 200:
            raise BenchError(f"COS answered {answer.status} to a PUT")
        started = time.monotonic()
        return (self._arrivals.wait_for(key) - started) * 1000


@contextmanager
def deployed(cloud: LocalCloud) -> Iterator[BareHops]:
    """The hops beside a local cloud's emulator, until the block ends."""
    with beside(cloud.emulator, cloud.logs / "bare-hops") as hops:
        yield hops


@contextmanager
def beside(vendor: EmulatorProcess, folder: Path) -> Iterator[BareHops]:
    """The hops beside an emulator, with code and logs in a new folder, until the block ends."""
    folder.mkdir()
    functions = folder / "functions.json"
    functions.write_text(json.dumps(_document()), encoding="utf-8")
    with arrivals.receiving() as receiver:
        config = Config(
            functions=str(functions),
            values={"region": _REGION, "bucket": _BUCKET, "function_prefix": _PREFIX},
            emulator=vendor.url,
            code={name: str(path) for name, path in _code(folder, receiver.url).items()},
            log=str(folder / "functions.log"),
        )
        with platform_client.run_platform(config, folder):
            yield BareHops(vendor, receiver)


def _document() -> dict[str, Any]:
    common = {"description": "Passes a key on", "memory_mb": 256, "timeout_seconds": 30,
              "bucket": {}, "secrets": [], "invokes": True}  # fmt: skip
    trigger = {"type": "cos", "events": ["cos:ObjectCreated:*"], "prefix": _FOLDER}
    return {
        "note": "The same hops as a verification's.",
        "runtime": "Python3.10",
        "handler": "handler.handler",
        "environment": {
            "LIBRARIES": str(vendor_sdks.tencent()),
            "API": "${scf_endpoint}",
            "REGION": "${region}",
        },
        "functions": {
            name: {**common, "triggers": [] if number else [trigger]}
            for number, name in enumerate(_HOPS)
        },
    }


def _code(folder: Path, last: str) -> dict[str, Path]:
    following = [f"function {_PREFIX}{name}" for name in _HOPS[1:]]
    folders = {}
    for name, target in zip(_HOPS, [*following, last], strict=True):
        folders[name] = folder / name
        folders[name].mkdir()
        (folders[name] / "handler.py").write_text(_CODE.format(following=target), encoding="utf-8")
    return folders
