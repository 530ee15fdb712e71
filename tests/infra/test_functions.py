"""Functions, their triggers and settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from liveproof import facts
from liveproof.api.routes import EVERY_ROUTE
from liveproof.clouds.aws import settings
from liveproof.clouds.aws.settings import AwsSettings
from liveproof.environment_names import environment_names
from tests.infra.template import Template, target_of
from tools.docs import concurrency
from tools.packaging.aws.checks import logical_name

ROOT = Path(__file__).parents[2]
# Settings whose empty value switches something off.
OPTIONAL = {
    "LIVEPROOF_SENSEID_URL",
    "LIVEPROOF_METRIC_CLIENTS",
    "LIVEPROOF_TRACE_ENDPOINT",
    "LIVEPROOF_TRACE_ATTRIBUTES",
    "LIVEPROOF_WEBHOOK_KMS_KEY",
}
POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}


def test_every_folder_of_functions_is_deployed_and_nothing_else_is(template: Template) -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
    assert set(template.functions()) == folders - {EVERY_ROUTE}


def test_a_function_runs_the_handler_of_its_own_folder_on_python_3_13_arm64(
    template: Template,
) -> None:
    for name, function in template.functions().items():
        assert function["Handler"] == f"functions/{name}/handler.handler"
        assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])


def test_a_functions_zip_holds_its_own_folder_and_nothing_else(
    template: Template, compiled: Path
) -> None:
    for name, function in template.functions().items():
        zipped = ZipFile(compiled / str(function["Code"]["S3Key"]).rsplit("/", 1)[1]).namelist()
        assert f"functions/{name}/handler.py" in zipped
        assert all(path.startswith(f"functions/{name}/") for path in zipped)
        assert not any("__pycache__" in path for path in zipped)


def test_every_function_has_the_layer(template: Template) -> None:
    (layer,) = template.of_type("AWS::Lambda::LayerVersion")
    for function in template.functions().values():
        assert [target_of(one) for one in function["Layers"]] == [layer]


def test_every_function_has_exactly_the_settings_that_the_model_reads(template: Template) -> None:
    for function in template.functions().values():
        names = set(function["Environment"]["Variables"])
        assert names == set(environment_names(AwsSettings)) | POWERTOOLS


def _targets_of(value: dict[str, Any]) -> list[str]:
    if "Fn::Sub" in value:
        return re.findall(r"\$\{(\w+)\}", value["Fn::Sub"])
    return [target_of(value)]


def _resolved(value: dict[str, Any], region: str) -> str:
    if "Fn::Sub" in value:
        return re.sub(r"\$\{\w+\}", "something", value["Fn::Sub"])
    return region if target_of(value) == "AWS::Region" else "something"


def test_every_setting_has_a_literal_value_or_one_of_a_resource_in_the_template(
    template: Template,
) -> None:
    for function in template.functions().values():
        for name, value in function["Environment"]["Variables"].items():
            if isinstance(value, dict):
                for target in _targets_of(value):
                    assert target in template.resources or target == "AWS::Region", name
            else:
                assert str(value) or name in OPTIONAL, name
                assert "${" not in str(value), name


def test_the_defaults_in_the_template_are_accepted_by_the_settings_model(
    template: Template,
) -> None:
    region = "ap-southeast-1"
    for function in template.functions().values():
        environment = {
            name: value if isinstance(value, str) else str(value)
            for name, value in function["Environment"]["Variables"].items()
            if not isinstance(value, dict)
        }
        resolved = {
            name: _resolved(value, region)
            for name, value in function["Environment"]["Variables"].items()
            if isinstance(value, dict)
        }
        assert settings.load({**environment, **resolved, "AWS_REGION": region}).region == region


def test_timeouts_and_memory_are_those_of_the_design(template: Template) -> None:
    assert {
        name: (function["Timeout"], function["MemorySize"])
        for name, function in template.functions().items()
    } == {
        "create_upload": (10, 512),
        "create_reflect_sequence": (29, 512),
        "read_verification": (10, 512),
        "resend_result": (10, 512),
        "webhooks": (29, 512),
        "verify_upload": (60, 512),
        "run_check": (120, 512),
        "deliver_result": (60, 256),
        "delete_verification": (10, 512),
        "erase": (60, 256),
        "sweep": (50, 256),
    }


def test_every_queue_trigger_reports_partial_failures(template: Template) -> None:
    for name, mapping in template.of_type("AWS::Lambda::EventSourceMapping").items():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


def test_each_queue_triggers_its_step(template: Template) -> None:
    triggers = {
        target_of(mapping["EventSourceArn"]): (
            target_of(mapping["FunctionName"]),
            mapping["BatchSize"],
        )
        for mapping in template.of_type("AWS::Lambda::EventSourceMapping").values()
    }
    check_queues = [f"Check{logical_name(check)}Queue" for check in facts.checks()]
    assert triggers == {
        "UploadsQueue": ("VerifyUploadLambdaFunction", 10),
        **dict.fromkeys(check_queues, ("RunCheckLambdaFunction", 1)),
        "DeliveriesQueue": ("DeliverResultLambdaFunction", 1),
        "ErasuresQueue": ("EraseLambdaFunction", 1),
    }


def test_all_queues_together_leave_half_of_a_usual_accounts_concurrency_to_the_api(
    template: Template,
) -> None:
    limits = {
        target_of(mapping["EventSourceArn"]): mapping["ScalingConfig"]["MaximumConcurrency"]
        for mapping in template.of_type("AWS::Lambda::EventSourceMapping").values()
    }
    assert (limits["UploadsQueue"], limits["DeliveriesQueue"]) == (20, 50)
    assert sum(limits.values()) == concurrency.together() <= 500


def test_the_api_has_a_limit_of_its_own(template: Template) -> None:
    (stage,) = template.of_type("AWS::ApiGatewayV2::Stage").values()
    assert stage["DefaultRouteSettings"] == {
        # What osls writes by itself, which the block takes the place of.
        "DetailedMetricsEnabled": True,
        "ThrottlingRateLimit": 500,
        "ThrottlingBurstLimit": 1000,
    }


def test_the_schedule_runs_sweep_every_minute(template: Template) -> None:
    (schedule,) = template.of_type("AWS::Scheduler::Schedule").values()
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert target_of(schedule["Target"]["Arn"]) == "SweepLambdaFunction"
    assert target_of(schedule["Target"]["RoleArn"]) == "SchedulerRole"


def test_every_route_of_the_code_is_deployed_to_its_function_and_no_other_is(
    template: Template,
) -> None:
    from liveproof.api import routes

    integrations = {
        name: target_of(integration["IntegrationUri"])
        for name, integration in template.of_type("AWS::ApiGatewayV2::Integration").items()
    }
    logical = {
        name: template.resources[name]["Properties"]["FunctionName"].rsplit("-", 1)[1]
        for name in template.of_type("AWS::Lambda::Function")
    }
    deployed = {
        route["RouteKey"]: logical[integrations[route["Target"]["Fn::Join"][1][1]["Ref"]]]
        for route in template.of_type("AWS::ApiGatewayV2::Route").values()
    }
    assert deployed == {key: route.function for key, route in routes.ROUTES.items()}


def test_access_logs_hold_no_query_no_header_and_no_address(template: Template) -> None:
    (stage,) = template.of_type("AWS::ApiGatewayV2::Stage").values()
    line = stage["AccessLogSettings"]["Format"]
    for forbidden in ("path", "query", "header", "authorizer", "identity", "sourceIp", "protocol"):
        assert forbidden not in line
