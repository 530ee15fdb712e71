"""The dashboard in CloudWatch."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from liveproof.observability import Measure, Metric
from tests.infra.template import Template


@pytest.fixture
def body(template: Template) -> dict[str, Any]:
    (dashboard,) = template.of_type("AWS::CloudWatch::Dashboard").values()
    document: dict[str, Any] = json.loads(dashboard["DashboardBody"]["Fn::Sub"])
    return document


def test_a_stage_in_two_regions_has_two_dashboards(template: Template) -> None:
    """Dashboards have no region: the second deployment took the place of the first one's, and the
    end of either removed it."""
    (dashboard,) = template.of_type("AWS::CloudWatch::Dashboard").values()
    assert dashboard["DashboardName"] == {"Fn::Sub": "liveproof-production-${AWS::Region}"}


def test_it_shows_every_alarm(template: Template, body: dict[str, Any]) -> None:
    (widget,) = [widget for widget in body["widgets"] if widget["type"] == "alarm"]
    names = {name[2:-5] for name in widget["properties"]["alarms"]}
    assert names == set(template.of_type("AWS::CloudWatch::Alarm"))


def test_it_shows_every_measure_with_its_dimensions_and_only_metrics_that_exist(
    body: dict[str, Any],
) -> None:
    text = json.dumps(body)
    searched = {
        name: set(dimensions.split(","))
        for dimensions, name in re.findall(r"SEARCH\('{liveproof-production,([\w,]+)} "
                                           r'MetricName=\\"(\w+)\\"', text)
    }  # fmt: skip
    with_dimensions = {measure for measure in Measure if measure.dimensions}
    assert searched == {
        dimensions.value: {*dimensions.dimensions, "service"} for dimensions in with_dimensions
    }
    counted = set(re.findall(r'\["liveproof-production", "(\w+)"', text))
    assert counted - {Measure.OLDEST_DUE.value} <= {metric.value for metric in Metric}
    assert Measure.OLDEST_DUE.value in counted


def test_every_function_and_queue_that_it_names_is_in_the_stack(
    template: Template, body: dict[str, Any]
) -> None:
    text = json.dumps(body)
    functions = {function["FunctionName"] for function in template.functions().values()}
    assert set(re.findall(r'"FunctionName", "([\w-]+)"', text)) == functions
    named = set(re.findall(r"\$\{(\w+)\.QueueName\}", text))
    queues = set(template.of_type("AWS::SQS::Queue"))
    assert named == {name for name in queues if not name.endswith("DeadLetterQueue")}
