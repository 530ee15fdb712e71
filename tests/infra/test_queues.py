"""Queues and their alarms."""

from __future__ import annotations

import json
import math

import pytest

from liveproof import facts
from liveproof_cli.doctor.probes.queues import old_seconds
from tests.infra.template import Resource, Template, target_of
from tests.support.deployment import settings
from tools.docs import concurrency
from tools.packaging.aws.checks import logical_name

CHECK_QUEUES = {check: f"Check{logical_name(check)}Queue" for check in facts.checks()}
LONGEST_RETENTION = 14 * 24 * 3600


def _step_queues(template: Template) -> dict[str, Resource]:
    queues = template.of_type("AWS::SQS::Queue")
    steps = {name: queue for name, queue in queues.items() if not name.endswith("DeadLetterQueue")}
    assert set(steps) == {
        "UploadsQueue",
        *CHECK_QUEUES.values(),
        "DeliveriesQueue",
        "ErasuresQueue",
    }
    return steps


def _concurrencies(template: Template) -> dict[str, int]:
    """By queue."""
    return {
        target_of(mapping["EventSourceArn"]): mapping["ScalingConfig"]["MaximumConcurrency"]
        for mapping in template.of_type("AWS::Lambda::EventSourceMapping").values()
    }


@pytest.mark.parametrize("check", facts.checks())
def test_a_checks_concurrency_is_its_pace_times_the_usual_seconds_of_a_run(
    template: Template, check: str
) -> None:
    check_facts = facts.checks()[check]
    run = check_facts.usual_run_seconds
    # Two files are relayed, with a CreateUploadUrl each.
    relays = settings().upload_urls_per_second / 2 if run.relay else math.inf
    pace = min(check_facts.default_calls_per_second, relays)
    expected = math.ceil(pace * (run.relay + run.wait + run.call))
    assert _concurrencies(template)[CHECK_QUEUES[check]] == expected == concurrency.of_check(check)
    assert 2 <= expected <= 1000
    assert "assumed" in run.source or "measured" in run.source


def test_every_functions_environment_names_the_queue_of_each_check(template: Template) -> None:
    for function in template.functions().values():
        urls = function["Environment"]["Variables"]["LIVEPROOF_CHECK_QUEUE_URLS"]["Fn::Sub"]
        assert json.loads(urls) == {check: f"${{{queue}}}" for check, queue in CHECK_QUEUES.items()}


def test_every_queue_has_a_dead_letter_queue_of_its_own_after_five_tries(
    template: Template,
) -> None:
    for name, queue in _step_queues(template).items():
        redrive = queue["RedrivePolicy"]
        dead = target_of(redrive["deadLetterTargetArn"])
        assert dead == name.removesuffix("Queue") + "DeadLetterQueue"
        assert redrive["maxReceiveCount"] == 5


def test_dead_letters_are_kept_as_long_as_sqs_can(template: Template) -> None:
    steps = _step_queues(template)
    for name, queue in template.of_type("AWS::SQS::Queue").items():
        if name not in steps:
            assert queue["MessageRetentionPeriod"] == LONGEST_RETENTION


def test_every_queue_is_encrypted(template: Template) -> None:
    for name, queue in template.of_type("AWS::SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True, name


def test_a_message_stays_hidden_for_at_least_six_times_its_functions_timeout(
    template: Template,
) -> None:
    queues = _step_queues(template)
    for mapping in template.of_type("AWS::Lambda::EventSourceMapping").values():
        queue = queues[target_of(mapping["EventSourceArn"])]
        function = template.resources[target_of(mapping["FunctionName"])]["Properties"]
        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]


def test_only_this_stacks_bucket_may_send_to_the_uploads_queue(template: Template) -> None:
    (policy,) = template.of_type("AWS::SQS::QueuePolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert target_of(statement["Resource"]) == "UploadsQueue"
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnLike": {"aws:SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:s3:::${AWS::StackName}-*"}},
    }


def test_every_dead_letter_queue_has_an_alarm_for_its_first_message(template: Template) -> None:
    watched = {
        target_of(dimension["Value"])
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        and (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
        for dimension in alarm["Dimensions"]
    }
    queues = template.of_type("AWS::SQS::Queue")
    assert watched == {name for name in queues if name.endswith("DeadLetterQueue")}


def test_the_alarms_on_our_own_metrics_name_metrics_that_the_code_emits(
    template: Template,
) -> None:
    from liveproof.observability import Metric

    emitted = {metric.value for metric in Metric}
    watched = {
        alarm["MetricName"]
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == "liveproof-production"
    }
    assert watched <= emitted
    assert {"UnknownVendorCode", "CallOutcomeUnknown", "CallHeld", "UploadFoundLate"} <= watched


def test_alarms_on_our_own_metrics_ring_for_their_own_stage_only(template: Template) -> None:
    spaces = {
        function["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
        for function in template.functions().values()
    }
    assert spaces == {"liveproof-production"}
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    assert {alarm["Namespace"] for alarm in alarms} == {
        *spaces, "AWS/SQS", "AWS/Lambda", "AWS/ApiGateway", "AWS/DynamoDB",
    }  # fmt: skip


def test_every_step_queue_has_an_alarm_for_messages_that_wait_longer_than_sqs_can_delay_them(
    template: Template,
) -> None:
    watched = {
        target_of(alarm["Dimensions"][0]["Value"]): alarm["Threshold"]
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    }
    assert set(watched) == set(_step_queues(template))
    assert all(
        watched[name] > 900 for name in (*CHECK_QUEUES.values(), "DeliveriesQueue", "ErasuresQueue")
    )
    # `liveproof doctor` warns when the alarm rings.
    assert watched == {name: old_seconds(name.removesuffix("Queue")) for name in watched}


def test_errors_of_the_api_ring(template: Template) -> None:
    alarm = template.of_type("AWS::CloudWatch::Alarm")["ApiErrorsAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "5xx")
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": "HttpApi"}}]


def test_the_outputs_have_what_the_redrive_command_needs(template: Template) -> None:
    outputs = template.document["Outputs"]
    for name in template.of_type("AWS::SQS::Queue"):
        if name.endswith("DeadLetterQueue"):
            assert outputs[f"{name}Arn"]["Value"] == {"Fn::GetAtt": [name, "Arn"]}


def test_every_alarm_tells_the_topic_if_there_is_one(template: Template) -> None:
    for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmActions"]["Fn::If"][:2] == [
            "HasAlarmTopic",
            [{"Ref": "AlarmTopicArn"}],
        ], name


def test_no_alarm_repeats_another_because_a_line_of_its_own_is_missing(template: Template) -> None:
    """In alarms.yml an alarm has what the first of its kind has, but for its own lines."""
    alarms = template.of_type("AWS::CloudWatch::Alarm")
    watched = [
        json.dumps(
            [alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"], alarm["Threshold"]]
        )
        for alarm in alarms.values()
    ]
    assert len(set(watched)) == len(alarms) > 20
    assert len({alarm["AlarmDescription"] for alarm in alarms.values()}) == len(alarms)


def test_an_alarm_sounds_when_sweep_stops_running(template: Template) -> None:
    alarm = template.of_type("AWS::CloudWatch::Alarm")["SweepStoppedAlarm"]
    sweep = template.functions()["sweep"]["FunctionName"]
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": sweep}]
    assert alarm["TreatMissingData"] == "breaching"
