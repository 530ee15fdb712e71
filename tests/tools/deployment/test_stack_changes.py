"""What `make deploy` says of a stack on AWS before it changes it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tools.deployment.stack_changes import Change, changes, deployed_template, lines
from tools.packaging.aws import cloudformation
from tools.packaging.aws.template import aws_environment
from tools.processes import ToolError

REGION = "ap-southeast-1"
STACK = "liveproof-production"
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 5}}
FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Code": {"S3Bucket": {"Ref": "Deployments"}, "S3Key": "1795739553814/api.zip"},
        "Environment": {"Variables": {"LIVEPROOF_LOG_LEVEL": "INFO"}},
        "MemorySize": 512,
    },
}


@pytest.fixture
def deployed() -> dict[str, Any]:
    """A template of a queue and a function."""
    return copy.deepcopy({"Resources": {"Queue": QUEUE, "Api": FUNCTION}, "Outputs": {}})


def test_code_that_is_uploaded_anew_is_no_change(deployed: dict[str, Any]) -> None:
    compiled = copy.deepcopy(deployed)
    compiled["Resources"]["Api"]["Properties"]["Code"]["S3Key"] = "1795739560677/api.zip"
    assert changes(deployed, compiled) == []
    assert lines(STACK, deployed, compiled) == [
        f"The stack {STACK} keeps its resources as they are; the code is uploaded anew."
    ]


def test_a_changed_property_is_shown_with_both_values(deployed: dict[str, Any]) -> None:
    compiled = copy.deepcopy(deployed)
    function = compiled["Resources"]["Api"]
    function["Properties"]["Environment"]["Variables"] = {
        "LIVEPROOF_LOG_LEVEL": "DEBUG",
        "LIVEPROOF_TABLE": {"Ref": "Table"},
    }
    function["DependsOn"] = ["Queue"]
    compiled["Outputs"]["TableName"] = {"Value": "x"}
    assert lines(STACK, deployed, compiled) == [
        f"The stack {STACK} changes, and the code is uploaded anew:",
        "  changed  AWS::Lambda::Function Api",
        "             DependsOn: (none) -> (...)",
        "             Environment.Variables.LIVEPROOF_LOG_LEVEL: INFO -> DEBUG",
        "             Environment.Variables.LIVEPROOF_TABLE: (none) -> (...)",
        "  changed  Outputs",
        "             TableName: (none) -> (...)",
    ]


def test_new_and_removed_resources_are_named_with_what_becomes_of_their_data(
    deployed: dict[str, Any],
) -> None:
    deployed["Resources"]["Table"] = {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain"}
    compiled = {"Resources": {"Api": FUNCTION, "Alarm": {"Type": "AWS::CloudWatch::Alarm"}}}
    assert changes(deployed, compiled) == [
        Change("new", "AWS::CloudWatch::Alarm", "Alarm"),
        Change("removed", "AWS::SQS::Queue", "Queue", ("is deleted",)),
        Change(
            "removed",
            "AWS::DynamoDB::Table",
            "Table",
            ("leaves the stack and stays in the account",),
        ),
    ]


def test_a_stack_that_is_not_there_has_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloudformation.without_stacks() as endpoint:
        for name, text in aws_environment(endpoint, REGION).items():
            monkeypatch.setenv(name, text)
        assert deployed_template(STACK, REGION) is None


def test_without_a_stack_the_number_of_its_resources_is_said(deployed: dict[str, Any]) -> None:
    (line,) = lines(STACK, None, deployed)
    assert line == f"There is no stack {STACK} yet. It gets 2 resources."


def test_a_login_that_is_missing_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(ToolError, match="cannot be asked what is deployed: Unable to locate cred"):
        deployed_template(STACK, REGION)
