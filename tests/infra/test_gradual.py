"""A gradual deployment, which a param switches on: aliases, and who shifts them back."""

from __future__ import annotations

import json

import pytest

from tests.infra.template import Template, target_of
from tools.packaging.aws import template as aws_template

ERRORS = ("GradualApiErrorsAlarm", "GradualStepErrorsAlarm")
# A hard limit for an alarm on an expression: CloudWatch's guide, "Limits" of alarms.
MOST_METRICS = 10


@pytest.fixture(scope="module")
def gradual(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The template of the production stage with gradual deployments."""
    folder = tmp_path_factory.mktemp("gradual")
    service = aws_template.snapshot(folder / "service")
    parameters = {
        "layerPath": "functions",
        "gradualDeployment": "Canary10Percent5Minutes",
        "routeRequestsPerSecond": '{"POST /v1/verifications": 1.5}',
    }
    compiled = aws_template.compile_template(service, folder / "osls.log", parameters=parameters)
    return Template(json.loads((compiled / aws_template.TEMPLATE).read_text()))


def test_without_the_param_nothing_has_an_alias(template: Template) -> None:
    kinds = {resource["Type"] for resource in template.resources.values()}
    assert not kinds & {"AWS::Lambda::Alias", "AWS::Lambda::Version"}
    assert not {kind for kind in kinds if kind.startswith("AWS::CodeDeploy")}


def test_every_function_has_an_alias_that_is_shifted_step_by_step(gradual: Template) -> None:
    aliases = gradual.of_type("AWS::Lambda::Alias")
    assert {target_of(alias["FunctionName"]) for alias in aliases.values()} == set(
        gradual.of_type("AWS::Lambda::Function")
    )
    versions = gradual.of_type("AWS::Lambda::Version")
    for name, alias in aliases.items():
        version = versions[target_of(alias["FunctionVersion"])]
        assert version["FunctionName"] == alias["FunctionName"]
        assert gradual.resources[name]["UpdatePolicy"] == {
            "CodeDeployLambdaAliasUpdate": {
                "ApplicationName": {"Ref": "GradualApplication"},
                "DeploymentGroupName": {"Ref": "GradualDeployments"},
            }
        }


def test_every_trigger_runs_the_alias(gradual: Template) -> None:
    triggers = [
        *(
            one["IntegrationUri"]
            for one in gradual.of_type("AWS::ApiGatewayV2::Integration").values()
        ),
        *(
            one["FunctionName"]
            for one in gradual.of_type("AWS::Lambda::EventSourceMapping").values()
        ),
        *(one["FunctionName"] for one in gradual.of_type("AWS::Lambda::Permission").values()),
        *(one["Target"]["Arn"] for one in gradual.of_type("AWS::Scheduler::Schedule").values()),
    ]
    assert len(triggers) > len(gradual.functions())
    for trigger in triggers:
        assert trigger["Fn::Join"][1][-1] == "live", trigger


def test_alarms_shift_it_back(gradual: Template) -> None:
    (group,) = gradual.of_type("AWS::CodeDeploy::DeploymentGroup").values()
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    alarms = gradual.of_type("AWS::CloudWatch::Alarm")
    named = {target_of(alarm["Name"]) for alarm in group["AlarmConfiguration"]["Alarms"]}
    assert named == {*ERRORS, "ApiErrorsAlarm", "CallOutcomeUnknownAlarm"}
    assert named <= set(alarms)
    watched = []
    for name in ERRORS:
        *counted, total = alarms[name]["Metrics"]
        assert total["ReturnData"]
        watched += [
            target_of(one["MetricStat"]["Metric"]["Dimensions"][0]["Value"]) for one in counted
        ]
    assert sorted(watched) == sorted(gradual.of_type("AWS::Lambda::Function"))


def test_no_alarm_has_more_metrics_than_cloudwatch_takes(gradual: Template) -> None:
    """One alarm on the errors of all eleven functions: the deployment failed at its creation."""
    for name, alarm in gradual.of_type("AWS::CloudWatch::Alarm").items():
        read = [one for one in alarm.get("Metrics", ()) if "MetricStat" in one]
        assert len(read) <= MOST_METRICS, name


def test_routes_that_cost_more_have_a_throttle_of_their_own(
    template: Template, gradual: Template
) -> None:
    (stage,) = template.of_type("AWS::ApiGatewayV2::Stage").values()
    routes = {route["RouteKey"]: name
              for name, route in template.of_type("AWS::ApiGatewayV2::Route").items()}  # fmt: skip
    assert stage["RouteSettings"]["POST /v1/webhooks/test"] == {
        "DetailedMetricsEnabled": True,
        "ThrottlingRateLimit": 5,
        "ThrottlingBurstLimit": 10,
    }
    assert "POST /v1/verifications" not in stage["RouteSettings"]
    limit = stage["DefaultRouteSettings"]["ThrottlingRateLimit"]
    assert all(
        route_setting["ThrottlingRateLimit"] < int(limit)
        for route_setting in stage["RouteSettings"].values()
    )
    depends = template.resources["HttpApiStage"]["DependsOn"]
    assert {routes[route] for route in stage["RouteSettings"]} <= set(depends)
    (changed,) = gradual.of_type("AWS::ApiGatewayV2::Stage").values()
    assert changed["RouteSettings"]["POST /v1/verifications"]["ThrottlingRateLimit"] == 1.5
    assert changed["RouteSettings"]["POST /v1/webhooks/test"]["ThrottlingRateLimit"] == 5
