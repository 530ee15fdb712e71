"""A verification's whole way through the zips that SCF gets, each with nothing else there.

Every function runs in SCF's Python with its unpacked zip alone. One small server plays SSM, SCF's
Invoke, COS, the vendor and the client's webhook endpoint; the records are in SQLite.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.infra.tencent import configuration
from tools import ROOT
from tools.demo import samples
from tools.packaging import import_closure, wheels
from tools.packaging.tencent import zips

PYTHON = wheels.interpreter(zips.PYTHON)
pytestmark = pytest.mark.skipif(PYTHON is None, reason="no Python 3.10 is installed here")

RUNNER = Path(__file__).with_name("run_zip.py")
API_KEY = "lp_key_of_the_test"
# Cut, and asked for by those who do without: PyMySQL looks whether it can encrypt a password by
# itself.
TRIED = {"cryptography", "cryptography.hazmat.backends"}


class Platform:
    """What the functions talk to, and what they said."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.invoked: list[tuple[str, dict[str, Any]]] = []
        self.webhooks: list[dict[str, Any]] = []
        self.actions: list[str] = []
        self.url = ""

    def secret(self, name: str) -> str:
        document = {
            "api-keys": {
                "clients": {"demo": {"keys_sha256": [hashlib.sha256(API_KEY.encode()).hexdigest()]}}
            },
            "webhooks": {
                "endpoints": {
                    "demo": {
                        "url": f"{self.url}/webhook",
                        "secrets": ["whsec_" + base64.b64encode(b"s" * 32).decode()],
                    }
                }
            },
            "vendor-key": {"secret_id": "AKID", "secret_key": "key"},
        }[name]
        return json.dumps(document)

    def answer(self, action: str, params: dict[str, Any]) -> dict[str, Any]:
        self.actions.append(action)
        if action == "GetSecretValue":
            return {"SecretString": self.secret(params["SecretName"])}
        if action == "Invoke":
            self.invoked.append((params["FunctionName"], json.loads(params["ClientContext"])))
            return {"Result": {"FunctionRequestId": "invoked"}}
        if action == "DetectLiveFaceAccurate":
            return {"Score": 99.5, "FaceModelVersion": "3.0"}
        return {"Error": {"Code": "UnsupportedOperation", "Message": action}}


class _Handler(BaseHTTPRequestHandler):
    platform: Platform

    def log_message(self, *args: object) -> None:
        """Says nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/webhook":
            self.platform.webhooks.append(body)
            return self._send(204, b"")
        answer = self.platform.answer(self.headers["X-TC-Action"], body)
        return self._send(200, json.dumps({"Response": {**answer, "RequestId": "r-1"}}).encode())

    def do_GET(self) -> None:
        stored = self.platform.objects.get(unquote(urlsplit(self.path).path).lstrip("/"))
        if stored is None:
            return self._send(404, b"<Error><Code>NoSuchKey</Code></Error>")
        etag = hashlib.md5(stored, usedforsecurity=False).hexdigest()
        _, _, last = self.headers.get("Range", "").partition("-")
        if last:
            return self._send(206, stored[: int(last) + 1], etag)
        return self._send(200, stored, etag)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send(self, status: int, body: bytes, etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{etag}"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@pytest.fixture
def platform() -> Iterator[Platform]:
    made = Platform()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"platform": made}))
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def unpacked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder per function, with what its zip holds."""
    folder = tmp_path_factory.mktemp("unpacked")
    for function, entry in json.loads((built / zips.MANIFEST).read_text()).items():
        zipfile.ZipFile(built / entry["zip"]).extractall(folder / function)
    return folder


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(unpacked: Path, platform: Platform, tmp_path: Path) -> Run:
    """Runs a function's handler with an event."""
    endpoints = ("vendor", "iai", "cos", "ssm", "scf")
    values = dict.fromkeys((f"{endpoint}_endpoint" for endpoint in endpoints), platform.url)
    secrets = ("api_keys", "webhooks", "vendor_key", "senseid_key")
    values |= {f"{secret}_secret": f"{secret.replace('_', '-')}:v1" for secret in secrets}
    values |= {
        "bucket": "team-1250000000",
        "database_url": f"sqlite:///{tmp_path / 'records.db'}",
        "database_secret": "",
        "function_prefix": "liveproof-test-",
        "webhook_address_policy": "any",
    }
    terraform = configuration.root()
    data = configuration.functions_file()
    for name in (*terraform.locals()["settings"], "log_level"):
        values.setdefault(name, str(terraform.default(name)))
    environment = {
        f"{data['settings_prefix']}{name.upper()}": value
        for name, value in values.items()
        if name != "log_level"
    }
    for name, value in data["environment"].items():
        environment[name] = value.replace("${log_level}", values["log_level"])
    environment |= {f"TENCENTCLOUD_{name}": "temporary" for name in ("SECRETID", "SECRETKEY")}
    environment["TENCENTCLOUD_SESSIONTOKEN"] = "token"

    def _run(function: str, event: dict[str, Any], also: tuple[str, ...] = ()) -> dict[str, Any]:
        context = {
            "request_id": "request-1",
            "function_name": f"liveproof-test-{function}",
            "time_limit_in_ms": data["functions"][function]["timeout_seconds"] * 1000,
            "tencentcloud_region": "ap-singapore",
        }
        job = {
            "folder": str(unpacked / function), "environment": environment, "event": event,
            "context": context, "also": also,
        }  # fmt: skip
        ran = subprocess.run(
            [str(PYTHON), "-I", "-S", "-B", "-W", "error", str(RUNNER)],
            input=json.dumps(job), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr + ran.stdout
        report: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        assert report["outside"] == []
        _require_that_nothing_cut_is_missed(report["unfound"])
        return report

    return _run


def _require_that_nothing_cut_is_missed(unfound: list[str]) -> None:
    """No import that failed is of a package that was not packed."""
    everything = wheels.install(ROOT / "requirements" / "scf.txt", zips._SCF)
    missed = {name for name in unfound if import_closure.locate(everything, name) is not None}
    assert missed <= TRIED


def _http(method: str, path: str, body: object = None) -> dict[str, Any]:
    return {
        "httpMethod": method,
        "path": path,
        "headers": {"authorization": f"Bearer {API_KEY}", "content-type": "application/json"},
        "queryString": {},
        "body": "" if body is None else json.dumps(body),
    }


def _created(key: str, size: int) -> dict[str, Any]:
    source = {"name": "team", "appid": "1250000000", "region": "sg"}
    target = {"key": f"/1250000000/team/{key}", "size": size, "vid": "", "meta": {}, "url": ""}
    what = {"eventName": "cos:ObjectCreated:Put", "eventTime": 1_790_000_000}
    return {"Records": [{"cos": {"cosObject": target, "cosBucket": source}, "event": what}]}


def test_a_verification_passes_through_the_packages_alone(run: Run, platform: Platform) -> None:
    photo = samples.photo(None, random.Random(7))
    request = {"check": "photo", "inputs": {"image": photo.declaration()}}
    created = run("api", _http("POST", "/v1/verifications", request))["returned"]
    assert created["statusCode"] == 201, created
    verification = json.loads(created["body"])
    upload = verification["uploads"]["image"]
    key = urlsplit(upload["url"]).path.lstrip("/")

    platform.objects[key] = photo.data
    run("verify_upload", _created(key, len(photo.data)))
    assert platform.invoked.pop() == (
        "liveproof-test-run_check", {"id": verification["id"]}
    )  # fmt: skip

    run("run_check", {"id": verification["id"]})
    assert platform.actions.count("DetectLiveFaceAccurate") == 1
    assert platform.invoked.pop()[0] == "liveproof-test-deliver_result"

    run("deliver_result", {"id": verification["id"]})
    (webhook,) = platform.webhooks
    assert webhook["type"] == "verification.passed"
    shown = run("api", _http("GET", f"/v1/verifications/{verification['id']}"))["returned"]
    assert json.loads(shown["body"])["decision"] == "passed"

    run("sweep", {"Type": "Timer", "TriggerName": "sweep", "Time": "2026-11-20T00:00:00Z"})


def test_the_package_reports_the_vendors_refusal_of_a_sequence(run: Run) -> None:
    answer = run("api", _http("POST", "/v1/reflect-sequences", {}))["returned"]
    assert answer["statusCode"] >= 400
    assert json.loads(answer["body"])["code"]


def test_the_package_that_encrypts_has_what_it_needs_for_it(run: Run) -> None:
    report = run("run_check", {"id": f"ver_{0:026}"}, also=("encrypt",))
    assert report["encrypt"] > 5000


@pytest.mark.parametrize("function", ["deliver_result", "webhooks"])
def test_the_packages_that_sign_have_what_they_need_for_it(run: Run, function: str) -> None:
    event = _http("GET", "/") if function == "webhooks" else {"Type": "Timer"}
    assert run(function, event, also=("sign",))["sign"] == 64


@pytest.mark.parametrize("function", zips.functions())
def test_every_package_can_reach_for_a_database_server(run: Run, function: str) -> None:
    event = _http("GET", "/") if function in ("api", "webhooks") else {"Type": "Timer"}
    assert run(function, event, also=("connect",))["connect"] == 2003
