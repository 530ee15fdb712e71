"""An invalid param is refused before anything is deployed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liveproof import facts
from liveproof.clouds.aws import settings
from liveproof.domain import run_times
from liveproof.settings import SettingsError
from tests.infra.template import Template
from tools.docs.settings import params, written_params
from tools.packaging import node
from tools.packaging.aws import template
from tools.processes import ToolError

ROOT = Path(__file__).parents[2]
WRITTEN: dict[str, Any] = json.loads((ROOT / "infra/aws/params.json").read_text())["params"]
SETTINGS = json.loads((ROOT / "infra/aws/settings.json").read_text())["settings"]
RULES = {name: setting.get("rule") for name, setting in SETTINGS.items()} | WRITTEN
SCRIPT = (ROOT / "infra/aws/params.js").read_text()

PRICES = json.dumps(
    {
        "DetectLiveFaceAccurate": 0.1,
        "DetectReflectLivenessAndCompare": 0.2,
        "VideoLivenessCompare": 0.3,
    }
)

# Node takes half a second to start, so that one process answers all questions, a line for a line.
QUESTIONS_SCRIPT = """
const check = require("./infra/aws/params.js");
require("readline").createInterface({input: process.stdin}).on("line", async (line) => {
  const {endpoint, given, names, values} = JSON.parse(line);
  process.env.AWS_ENDPOINT_URL = endpoint;
  const said = await check({
    options: {param: given},
    resolveConfigurationProperty: async () => names,
    resolveVariable: async (text) => values[text] ?? "",
  }).catch((error) => error.message);
  console.log(JSON.stringify(said));
});
"""


class Script:
    """params.js, asked as osls asks it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def check(
        self,
        *,
        stage: str = "production",
        region: str = template.REGION,
        endpoint: str = "",
        besides: tuple[str, ...] = (),
        **changes: str,
    ) -> str:
        """What the script says to params; `besides` are further ones as they are written."""
        column = 2 if stage == "local" else 1
        written = written_params()
        # osls knows the defaults of serverless.yml only; those of the settings are the script's.
        values = {
            name: texts[column] or (texts[1] if name in written else "")
            for name, texts in params().items()
        }
        values = {name: value.strip("'\"") for name, value in values.items()} | changes
        variables = {f"param:{name}, ''": value for name, value in values.items()}
        question = {
            "endpoint": endpoint,
            "given": [*(f"{name}={value}" for name, value in changes.items()), *besides],
            "names": dict.fromkeys(written, 0),
            "values": {"sls:stage": stage, "self:provider.region": region, **variables},
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return str(json.loads(self._process.stdout.readline()))


@pytest.fixture(scope="module")
def script() -> Iterator[Script]:
    with subprocess.Popen(
        ["node", "-e", QUESTIONS_SCRIPT],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=node.choose().environment(dict(os.environ)),
    ) as process:
        yield Script(process)


class Osls:
    """Packages a snapshot of the service with some arguments."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._service = template.snapshot(folder / "service")

    def package(
        self, *, stage: str = "production", region: str = template.REGION, **changes: str
    ) -> None:
        """Raises ToolError with what osls said."""
        log = self._folder / "osls.log"
        parameters = {"layerPath": "functions", **changes}
        template.compile_template(
            self._service, log, stage=stage, region=region, parameters=parameters
        )


@pytest.fixture(scope="module")
def osls(tmp_path_factory: pytest.TempPathFactory) -> Osls:
    return Osls(tmp_path_factory.mktemp("params"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vendor_region": "ap-hongkong"}, "no param vendor_region: is it vendorRegion"),
        ({"unknownOutcom": "hold"}, "no param unknownOutcom: is it unknownOutcome"),
        ({"colour": "red"}, "no param colour"),
        ({"vendorRegion": "ap-nowhere"}, "vendor judges in ap-singapore, ap-hongkong"),
        ({"vendorRegion": "ap-hongkong"}, "beside it is ap-singapore"),
        ({"vendorRegion": "Hong Kong"}, "a region such as ap-singapore"),
        ({"vendorEndpoint": "https://faceid.ap-hongkong.tencentcloudapi.com"}, "in ap-hongkong"),
        ({"vendorEndpoint": "http://faceid.intl.tencentcloudapi.com"}, "is for the stage local"),
        ({"unknownOutcome": "shrug"}, "repeat_once, hold"),
        ({"bestFrameCount": "1.5"}, "a whole number from 1 to 10"),
        ({"callTimeoutSeconds": "60"}, "a run needs 121 s"),
        ({"runCheckTimeoutSeconds": "200"}, "six times runCheckTimeoutSeconds, 1200"),
        # These were deployed, and every function then refused to start.
        ({"senseidUrl": "https://host:84433"}, "senseidUrl has the port 84433"),
        ({"vendorEndpoint": "https://host:0"}, "vendorEndpoint has the port 0"),
        ({"dailySpend": "100"}, "dailySpend needs the price of a call of DetectReflectLive"),
        (
            {"dailySpendPerClient": "5", "prices": PRICES, "videoApi": "LivenessCompare"},
            "dailySpendPerClient needs the price of a call of LivenessCompare, for the check video",
        ),
        # AWS refuses such a queue when the deployment is half done.
        ({"uploadsVisibilitySeconds": "30"}, "uploadsVisibilitySeconds is 30: it must be six"),
        ({"deliveriesVisibilitySeconds": "359"}, "six times the function's time limit, 360"),
        ({"erasuresVisibilitySeconds": "1"}, "erasuresVisibilitySeconds is 1: it must be six"),
        ({"webhookAddressPolicy": "any"}, "is for the stage local"),
        ({"alarmTopicArn": "my-topic"}, "the ARN of an SNS topic"),
        ({"webhookKmsKey": "alias/webhooks"}, "the ARN of a key of KMS"),
        (
            {"webhookKmsKey": "arn:aws:kms:us-east-1:123456789012:key/0a1b"},
            "webhookKmsKey is in us-east-1",
        ),
        (
            {"alarmTopicArn": "arn:aws:sns:us-east-1:123456789012:ops"},
            "alarmTopicArn is in us-east-1",
        ),
        ({"vendorEndpoint": "https://FACEID.AP-HONGKONG.tencentcloudapi.com"}, "https://HOST"),
        ({"senseidUrl": "https://:8080"}, "https://HOST:PORT"),
        ({"senseidUrl": "https://host:port"}, "https://HOST:PORT"),
        ({"callTimeoutSeconds": "030"}, "a whole number from 1 to 300"),
        ({"uploadUrlsPerSecond": "01"}, "a number above 0, at most 1000"),
        ({"uploadUrlsPerSecond": "0"}, "a number above 0, at most 1000"),
        ({"apiRequestsPerSecond": "0"}, "a number from 1 to 10000"),
        ({"callsPerSecond": "4.5"}, 'a JSON object, such as {"reflect": 1}'),
        ({"callsPerSecond": "[]"}, "a JSON object"),
        ({"callsPerSecond": '{"reflex": 4}'}, "no reflex, only reflect, video, photo, silent"),
        ({"callsPerSecond": '{"reflect": 0}'}, "reflect: it must be a number above 0, at most"),
        ({"callsPerSecond": '{"photo": 1001}'}, "photo: it must be a number above 0, at most 1000"),
        ({"callsPerSecond": '{"reflect": "4"}'}, "reflect: it must be a number"),
        ({"maxBytes": '{"reflect.image": 0}'}, "a whole number from 1 to 104857600"),
        ({"maxBytes": '{"reflect.image": 1.5}'}, "a whole number from 1 to 104857600"),
        ({"logRetentionDays": "31"}, "logRetentionDays"),
    ],
    ids=str,
)
def test_an_invalid_param_is_refused_with_the_reason(
    script: Script, changes: dict[str, Any], said: str
) -> None:
    assert said in script.check(**changes)
    assert script.check() == "checked"


def test_a_param_that_is_given_twice_is_refused_as_is_an_unknown_one_once(script: Script) -> None:
    besides = ("bestFrameCount=3", "colour=red", "colour=blue")
    said = script.check(bestFrameCount="2", besides=besides).splitlines()
    assert said == [
        "there is no param colour",
        "--param bestFrameCount is given twice",
        "--param colour is given twice",
    ]


@pytest.mark.parametrize("stage", ["p", "Production", "s" * 25])
def test_a_stage_whose_names_would_not_fit_is_refused(script: Script, stage: str) -> None:
    assert "2 to 24 lower-case letters" in script.check(stage=stage)
    assert script.check(stage="s" * 24) == "checked"


@pytest.mark.parametrize(
    "changes",
    [
        {"region": "ap-east-1", "vendorRegion": "ap-hongkong"},
        {"alarmTopicArn": "arn:aws:sns:ap-southeast-1:123456789012:ops"},
        {"webhookKmsKey": "arn:aws:kms:ap-southeast-1:123456789012:key/0a1b-2c3d"},
        {"senseidUrl": "https://senseid.example:8443/face"},
        {"senseidUrl": "http://10.0.0.1:8080"},
        {"dailySpend": "100", "prices": PRICES},
        {"callsPerSecond": '{"reflect": 9.5, "photo": 90}', "maxBytes": '{"silent.video": 1}'},
        {
            "vendorRegion": "ap-hongkong",
            "allowDistantVendorRegion": "true",
            "callTimeoutSeconds": "59",
        },
        {
            "runCheckTimeoutSeconds": "200",
            "checksVisibilitySeconds": "1200",
            "callTimeoutSeconds": "139",
        },
    ],
    ids=str,
)
def test_a_valid_param_is_accepted(script: Script, changes: dict[str, Any]) -> None:
    assert script.check(**changes) == "checked"


def test_the_local_stage_is_for_a_local_aws_only_and_may_be_short(script: Script) -> None:
    local: dict[str, Any] = {
        "stage": "local",
        "runCheckTimeoutSeconds": "30",
        "callTimeoutSeconds": "5",
        "uploadsVisibilitySeconds": "15",
    }
    assert script.check(endpoint="http://127.0.0.1:4566", **local) == "checked"
    assert "is for a local AWS (AWS_ENDPOINT_URL)" in script.check(**local)


def test_osls_stops_with_every_reason_before_it_packages(osls: Osls) -> None:
    with pytest.raises(ToolError, match=r"(?s)no param colour.*logLevel is \"LOUD\""):
        osls.package(colour="red", logLevel="LOUD")
    with pytest.raises(ToolError, match="is it vendorRegion"):
        osls.package(vendor_region="ap-hongkong")
    with pytest.raises(ToolError, match="2 to 24 lower-case letters"):
        osls.package(stage="Production")


def test_osls_packages_with_valid_params(osls: Osls) -> None:
    osls.package(region="ap-east-1", vendorRegion="ap-hongkong", corsOrigins="https://a.example")


def test_every_param_has_a_rule() -> None:
    assert set(RULES) == set(params())


@pytest.mark.parametrize(
    ("region", "vendor_region"),
    [
        *((region, vendor) for region, vendor in facts.aws_regions().items()),
        ("ap-southeast-1", "ap-hongkong"),
        ("us-east-1", "ap-singapore"),
    ],
)
def test_the_functions_refuse_the_pairs_that_the_deployment_refuses(
    region: str, vendor_region: str
) -> None:
    variables = {
        name: value
        for name, value in _good(region).items()
        if name != "LIVEPROOF_ALLOW_DISTANT_VENDOR_REGION"
    } | {"LIVEPROOF_VENDOR_REGION": vendor_region}
    if facts.aws_regions().get(region) == vendor_region:
        assert settings.load(variables).vendor_region == vendor_region
        return
    with pytest.raises(SettingsError, match=f"{vendor_region}.*{region}.*ALLOW_DISTANT"):
        settings.load(variables)
    variables["LIVEPROOF_ALLOW_DISTANT_VENDOR_REGION"] = "true"
    assert settings.load(variables).vendor_region == vendor_region


def _good(region: str) -> dict[str, str]:
    return {
        "AWS_REGION": region,
        "LIVEPROOF_CLOUD": "aws",
        "LIVEPROOF_REGION": region,
        "LIVEPROOF_VENDOR_ENDPOINT": "https://faceid.intl.tencentcloudapi.com",
        "LIVEPROOF_FILE_TRANSFER": "relay",
        "LIVEPROOF_CHECK_QUEUE_URLS": json.dumps(dict.fromkeys(facts.checks(), "x")),
        **{
            f"LIVEPROOF_{name}": "x"
            for name in (
                "TABLE", "BUCKET", "UPLOADS_QUEUE_URL", "DELIVERIES_QUEUE_URL",
                "ERASURES_QUEUE_URL",
                "API_KEYS_SECRET", "WEBHOOKS_SECRET", "VENDOR_KEY_SECRET", "SENSEID_KEY_SECRET",
            )
        },
    }  # fmt: skip


def test_a_rule_that_is_written_by_hand_goes_before_that_of_the_setting() -> None:
    assert {name for name in WRITTEN if name in SETTINGS} == {
        "vendorRegion", "vendorEndpoint", "iaiEndpoint", "senseidUrl",
        "metricClients", "traceEndpoint", "traceAttributes",
    }  # fmt: skip
    for name in SETTINGS:
        assert RULES[name] is not None, name


def test_a_setting_without_a_default_has_a_param_in_serverless_yml() -> None:
    assert {name for name, setting in SETTINGS.items() if "default" not in setting} == {
        name for name in written_params() if name in SETTINGS
    }


def test_the_times_of_a_run_in_the_script_are_the_codes() -> None:
    times = dict(re.findall(r"^const ([A-Z_]+_SECONDS) = (\d+);", SCRIPT, re.MULTILINE))
    names = ["PREPARE_SECONDS", "SLOT_WAIT_SECONDS", "RESERVE_SECONDS", "MARGIN_SECONDS"]
    assert {name: float(value) for name, value in times.items()} == {
        name: getattr(run_times, name) for name in names
    }


def test_the_time_limits_in_the_script_are_the_functions(template: Template) -> None:
    queues = {"uploads": "verify_upload", "deliveries": "deliver_result", "erasures": "erase"}
    limits = dict(re.findall(r"(\w+)VisibilitySeconds: (\d+)", SCRIPT))
    functions = template.functions()
    assert {name: int(limit) for name, limit in limits.items()} == {
        queue: functions[name]["Timeout"] for queue, name in queues.items()
    }
