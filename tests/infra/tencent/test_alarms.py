"""What a person must look at."""

from __future__ import annotations

import re
from typing import Any

import pytest

from liveproof.observability import Metric
from tests.infra.tencent.configuration import Configuration
from tools import ROOT, cloudformation_yaml

FILE = "variables_deployment.tf"


def _of_aws() -> dict[str, str]:
    """Metric to description of each AWS alarm on our own metrics."""
    resources = cloudformation_yaml.load(ROOT / "infra" / "aws" / "alarms.yml")["Resources"]
    alarms = [resource["Properties"] for resource in resources.values()]
    return {
        alarm["MetricName"]: alarm["AlarmDescription"]
        for alarm in alarms
        if alarm["Namespace"] == "liveproof-${sls:stage}"
    }


def test_our_own_metrics_have_the_alarms_that_they_have_on_aws(files: Configuration) -> None:
    alarms = files.locals()["metric_alarms"]
    # API Gateway counts its own answers.
    assert {**alarms, "ApiFailed": None} == {**_of_aws(), "ApiFailed": None}
    assert set(alarms) <= {metric.value for metric in Metric}


def test_a_metric_alarm_counts_the_lines_that_hold_the_metric(files: Configuration) -> None:
    alarm = files.of_type("tencentcloud_cls_alarm")["metric"]
    assert alarm["for_each"] == "${local.metric_alarms}"
    (target,) = alarm["alarm_targets"]
    assert target["query"] == "${each.key} AND CloudWatchMetrics | select count(*) as lines"
    own = "lookup(local.patience, each.key, local.at_once)"
    assert alarm["condition"] == f"$1.lines >= ${{{own}.lines}}"
    assert alarm["trigger_count"] == f"${{{own}.times}}"
    assert target["start_time_offset"] == f"${{-{own}.minutes}}"
    assert alarm["monitor_time"][0]["time"] == f"${{{own}.minutes}}"


def test_an_alarm_rings_at_the_first_line_or_as_late_as_on_aws(files: Configuration) -> None:
    alarms = cloudformation_yaml.load(ROOT / "infra" / "aws" / "alarms.yml")["Resources"].values()
    slow = {
        alarm["Properties"]["MetricName"]: alarm["Properties"]
        for alarm in alarms
        if alarm["Properties"]["Namespace"] == "liveproof-${sls:stage}"
        and alarm["Properties"]["Period"] != 60
    }
    patience = files.locals()["patience"]
    assert files.locals()["at_once"] == {"minutes": 1, "lines": 1, "times": 1}
    assert set(patience) == {*slow, "ApiFailed"}
    for name, alarm in slow.items():
        expected = (alarm["Period"] // 60, alarm["Threshold"] + 1, alarm["EvaluationPeriods"])
        assert tuple(patience[name][part] for part in ("minutes", "lines", "times")) == expected
        assert patience[name]["times"] <= 10  # what CLS takes


def test_the_index_takes_a_metrics_name_for_a_word(files: Configuration) -> None:
    (index,) = files.of_type("tencentcloud_cls_index").values()
    (rule,) = index["rule"]
    (text,) = rule["full_text"]
    # A line is {"CloudWatchMetrics":[{..."Metrics":[{"Name":"CallHeld",...
    for around in '"{}[],:':
        assert around in text["tokenizer"]
    assert text["case_sensitive"] is True


def test_an_alarm_sounds_when_sweep_stops_running(files: Configuration) -> None:
    alarm = files.of_type("tencentcloud_cls_alarm")["sweep_stopped"]
    (target,) = alarm["alarm_targets"]
    assert files.locals()["sweep"] == '${module.wiring.functions["sweep"].name}'
    assert target["query"] == 'SCF_FunctionName:"${local.sweep}" | select count(*) as lines'
    assert alarm["condition"] == "$1.lines < 1"
    assert target["start_time_offset"] == -5


def test_the_function_that_an_alarm_looks_for_can_be_searched_by_name(
    files: Configuration,
) -> None:
    (index,) = files.of_type("tencentcloud_cls_index").values()
    (keys,) = index["rule"][0]["key_value"][0]["dynamic"]
    assert "SCF_FunctionName" in str(keys["key_values"]["for_each"])


def test_every_function_has_an_alarm_for_failures_timeouts_and_lack_of_room(
    files: Configuration, data: dict[str, Any]
) -> None:
    assert set(files.locals()["failure_alarms"]) == set(data["functions"])
    watched_by = files.locals()["watched"]
    for dimension in ("appid", "var.scf_metrics.function", "namespace", "version"):
        assert dimension in watched_by
    assert "module.wiring.functions[name].name" in watched_by
    policy = files.of_type("tencentcloud_monitor_alarm_policy")["failures"]
    assert policy["for_each"] == "${toset(local.failure_alarms)}"
    (conditions,) = policy["conditions"]
    assert conditions["is_union_rule"] == 0
    watched = {rule["metric_name"]: rule for rule in conditions["rules"]}
    names = ("error", "timeout", "throttle")
    assert set(watched) == {f"${{var.scf_metrics.{name}}}" for name in names}
    for rule in watched.values():
        assert rule["period"] == 300
        assert rule["filter"] == [{"type": "DIMENSION", "dimensions": "${local.watched[each.key]}"}]
    # As often as SCF tries one event: once, and two retries.
    assert watched["${var.scf_metrics.error}"]["value"] == "3"


def test_every_alarm_tells_the_notices_that_a_deployment_names(files: Configuration) -> None:
    for name, alarm in files.of_type("tencentcloud_cls_alarm").items():
        assert alarm["alarm_notice_ids"] == "${var.alarm_notice_ids.cls}", name
        assert alarm["status"] is True
    for name, policy in files.of_type("tencentcloud_monitor_alarm_policy").items():
        assert policy["notice_ids"] == "${var.alarm_notice_ids.monitor}", name
        assert policy["enable"] == 1


def test_scfs_metrics_have_the_names_of_the_vendors_page_and_the_policy_type_must_be_given(
    files: Configuration,
) -> None:
    # Page 248/34638 (2024-01): the metrics. The Id of the policy type is on no page.
    variable = files.variables()["scf_metrics"]
    assert "default" not in variable
    assert dict(re.findall(r'(\w+)\s*= optional\(string, "([^"]+)"\)', files.texts[FILE])) == {
        "error": "Error",
        "timeout": "Http433",
        "throttle": "Throttle",
        "duration": "Duration",
        "function": "functionName",
        "version": "$latest",
    }


@pytest.mark.parametrize("stage", ["production", "s" * 24])
def test_names_and_remarks_have_only_what_cloud_monitor_takes(
    files: Configuration, stage: str
) -> None:
    policy = files.of_type("tencentcloud_monitor_alarm_policy")["failures"]
    slow = files.of_type("tencentcloud_monitor_alarm_policy")["slow"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,100}", slow["remark"].replace("${local.prefix}", stage))
    assert policy["policy_name"] == '${trim(substr("${each.key}-${var.stage}", 0, 20), "-")}'
    names = {f"{name}-{stage}"[:20] for name in files.locals()["failure_alarms"]}
    assert len(names) == len(files.locals()["failure_alarms"])
    for name in files.locals()["failure_alarms"]:
        remark = (
            policy["remark"]
            .replace("${local.prefix}", f"liveproof-{stage}")
            .replace("${each.key}", name)
        )
        # The API's definition of Remark: Chinese, letters, digits, _ and -, at most 100.
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,100}", remark)


def test_a_slow_api_rings(files: Configuration) -> None:
    policy = files.of_type("tencentcloud_monitor_alarm_policy")["slow"]
    (rule,) = policy["conditions"][0]["rules"]
    assert rule["metric_name"] == "${var.scf_metrics.duration}"
    assert rule["filter"] == [{"type": "DIMENSION", "dimensions": '${local.watched["api"]}'}]
    assert (rule["period"], rule["value"], rule["continue_period"]) == (300, "5000", 3)
