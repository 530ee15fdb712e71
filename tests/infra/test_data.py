"""Bucket, table, secrets, logs: what holds data, and for how long."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.infra.template import Resource, Template, strings_in, target_of
from tests.infra.test_retention import retention
from tests.support.aws import indexes
from tools import ROOT
from tools.packaging import node

SECRET_LIKE = re.compile(
    r"whsec_[A-Za-z0-9+/]{16}|AKID[A-Za-z0-9]{16}|AKIA[A-Z0-9]{12}|BEGIN .*KEY"
)


@pytest.fixture
def bucket(template: Template) -> Resource:
    return template.of_type("AWS::S3::Bucket")["Bucket"]


def test_cfn_lint_has_nothing_to_say(template_file: Path) -> None:
    # Here, and not in each process of a run: cfn-lint reads its schemas for a second.
    from cfnlint import api

    # W3005 is about DependsOn that osls itself writes beside a reference.
    config = api.ManualArgs(regions=["ap-southeast-1"], ignore_checks=["W3005"])
    assert [str(match) for match in api.lint_file(template_file, config)] == []


def test_the_bucket_is_closed_to_the_public(bucket: Resource) -> None:
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_the_bucket_refuses_plain_http(template: Template) -> None:
    assert template.document["Parameters"]["TlsOnly"]["Default"] == "true"
    policy = template.of_type("AWS::S3::BucketPolicy")["BucketPolicy"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == (
        "Deny",
        "*",
        "s3:*",
    )
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_objects_are_encrypted_so_that_the_etag_is_the_md5(bucket: Resource) -> None:
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_the_bucket_forgets_uploads_after_a_day_and_evidence_after_thirty(bucket: Resource) -> None:
    rules = bucket["LifecycleConfiguration"]["Rules"]
    expiry = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "Prefix" in rule}
    days = {"uploadsExpireDays": 1, "evidenceExpireDays": 30}
    assert expiry == {rule["prefix"]: days[rule["param"]] for rule in retention()}
    assert all(rule["Status"] == "Enabled" for rule in rules)
    assert {"DaysAfterInitiation": 1} in [
        rule.get("AbortIncompleteMultipartUpload") for rule in rules
    ]


def test_the_bucket_tells_the_uploads_queue_of_uploads_only(bucket: Resource) -> None:
    (notification,) = bucket["NotificationConfiguration"]["QueueConfigurations"]
    assert notification["Event"] == "s3:ObjectCreated:*"
    assert notification["Queue"] == {"Fn::GetAtt": ["UploadsQueue", "Arn"]}
    assert notification["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "uploads/"}]


def test_the_bucket_waits_for_the_queues_policy(template: Template) -> None:
    assert template.resources["Bucket"]["DependsOn"] == ["UploadsQueuePolicy"]


def test_browsers_may_put_only_from_named_origins(template: Template, bucket: Resource) -> None:
    assert template.document["Parameters"]["CorsOrigins"]["Default"] == ""
    condition, configuration, without = bucket["CorsConfiguration"]["Fn::If"]
    assert condition == "BucketHasCors"
    assert without == {"Ref": "AWS::NoValue"}
    (rule,) = configuration["CorsRules"]
    assert rule["AllowedMethods"] == ["PUT"]
    assert rule["AllowedOrigins"] == {"Fn::Split": [",", {"Ref": "CorsOrigins"}]}


def test_the_table_is_on_demand_recoverable_and_expires_rows(template: Template) -> None:
    (table,) = template.of_type("AWS::DynamoDB::Table").values()
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["DeletionProtectionEnabled"] is True


def test_the_table_has_the_two_indexes_of_the_design(template: Template) -> None:
    (table,) = template.of_type("AWS::DynamoDB::Table").values()
    indexes = {
        index["IndexName"]: (
            [key["AttributeName"] for key in index["KeySchema"]],
            index["Projection"],
        )
        for index in table["GlobalSecondaryIndexes"]
    }
    assert indexes == {
        "unfinished": (
            ["due_partition", "due_at"],
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["status", "check", "client"]},
        ),
        "by_client": (["client", "pk"], {"ProjectionType": "KEYS_ONLY"}),
    }


def test_throttled_writes_to_the_table_or_to_what_is_due_ring(template: Template) -> None:
    alarms = template.of_type("AWS::CloudWatch::Alarm")
    table = {"Name": "TableName", "Value": {"Ref": "Table"}}
    index = {"Name": "GlobalSecondaryIndexName", "Value": "unfinished"}
    watched = {
        name: alarm["Dimensions"]
        for name, alarm in alarms.items()
        if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/DynamoDB", "WriteThrottleEvents")
    }
    assert watched == {"TableThrottledAlarm": [table], "IndexThrottledAlarm": [table, index]}


@pytest.mark.parametrize("step", ["1", "2", "3", "none"])
def test_a_step_of_the_upgrade_deploys_the_indexes_that_are_tested(step: str) -> None:
    script = (
        f"require('{ROOT}/infra/aws/indexes.js')({{resolveVariable: async () => '{step}'}})"
        ".then((answer) => console.log(JSON.stringify(answer)))"
    )
    done = subprocess.run(
        ["node", "-e", script],
        env=node.choose().environment(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout) == indexes(step)


@pytest.mark.parametrize(
    "name",
    ["Table", "Bucket", "VendorKeySecret", "SenseIdKeySecret", "ApiKeysSecret", "WebhooksSecret"],
)
def test_deleting_the_stack_keeps_the_data(template: Template, name: str) -> None:
    resource = template.resources[name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_secrets_are_created_without_a_value(template: Template) -> None:
    secrets = template.of_type("AWS::SecretsManager::Secret")
    assert set(secrets) == {
        "VendorKeySecret",
        "SenseIdKeySecret",
        "ApiKeysSecret",
        "WebhooksSecret",
    }
    for properties in secrets.values():
        assert set(properties) == {"Description"}


def test_the_outputs_say_where_each_secret_belongs(template: Template) -> None:
    secrets = set(template.of_type("AWS::SecretsManager::Secret"))
    outputs = template.document["Outputs"]
    targets = {name: target_of(outputs[f"{name}Arn"]["Value"]) for name in secrets}
    assert targets == {name: name for name in secrets}


def test_no_secret_value_is_in_the_template(template: Template) -> None:
    assert [string for string in strings_in(template.document) if SECRET_LIKE.search(string)] == []


def test_logs_are_kept_for_thirty_days(template: Template) -> None:
    groups = template.of_type("AWS::Logs::LogGroup")
    assert len(groups) == len(template.functions()) + 1  # and the HTTP API's access log
    assert {group["RetentionInDays"] for group in groups.values()} == {30}
