"""The permission to send spans."""

from __future__ import annotations

from tests.infra.template import Template, target_of


def test_every_function_may_send_spans_where_an_endpoint_is_named_and_nothing_else(
    template: Template,
) -> None:
    policy = template.resources["TracesPolicy"]
    assert policy["Condition"] == "HasTraces"
    empty = {"Fn::Equals": [{"Ref": "TraceEndpoint"}, ""]}
    assert template.document["Conditions"]["HasTraces"] == {"Fn::Not": [empty]}
    assert template.document["Parameters"]["TraceEndpoint"]["Default"] == ""
    properties = policy["Properties"]
    roles = {target_of(function["Role"]) for function in template.functions().values()}
    assert {target_of(role) for role in properties["Roles"]} == roles
    (statement,) = properties["PolicyDocument"]["Statement"]
    assert statement == {"Effect": "Allow", "Action": "xray:PutTraceSegments", "Resource": "*"}
