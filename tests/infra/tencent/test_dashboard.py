"""Charts of log lines."""

from __future__ import annotations

import re

from liveproof.observability import Event
from liveproof.observability.wide_event import FIELDS
from tests.infra.tencent.configuration import Configuration
from tools.docs.logs import event_fields


def test_charts_ask_for_events_and_fields_that_the_functions_write(files: Configuration) -> None:
    charts = files.locals()["charts"]
    fields = {*FIELDS, *(name for names in event_fields().values() for name in names)}
    for name in ("field", "number"):
        named = re.findall(r'"(\w+)"', str(files.locals()[name]).partition("]")[0])
        assert named
        assert {*named} <= fields
    for chart in charts:
        search = chart["query"].partition("|")[0]
        events = {word for word in re.findall(r"\b[A-Z]{3,}\b", search) if word not in ("AND",)}
        assert events - {"OR"} <= {event.name for event in Event}
        assert {*re.findall(r"\b[a-z_]+\b", search.partition("$")[0])} <= fields
    assert len({chart["title"] for chart in charts}) == len(charts) >= 8


def test_the_text_of_a_line_can_be_read_by_charts(files: Configuration) -> None:
    (index,) = files.of_type("tencentcloud_cls_index").values()
    (keys,) = index["rule"][0]["key_value"][0]["dynamic"]
    assert "SCF_Message" in str(keys["key_values"]["for_each"])


def test_the_dashboard_has_the_deployments_name(files: Configuration) -> None:
    dashboard = files.of_type("tencentcloud_cls_dashboard")["deployment"]
    assert dashboard["dashboard_name"] == "${local.prefix}"
