"""What liveproof promises of every answer, as checks for schemathesis, which imports this module.

`SCHEMATHESIS_HOOKS` names it: tests/contract/contract.py.
"""

from __future__ import annotations

import json
from typing import Any

import schemathesis

PROBLEM = "application/problem+json"

RULES = {
    # By the check: docs/checks.md.
    "create_verification": ("check", "inputs", "challenge", "metadata", "threshold"),
    "list_verifications": ("cursor",),
    "resend_deliveries": ("cursor", "since", "until"),
    "create_reflect_sequence": (),
}
"""The fields whose rules no JSON Schema says, by operation: a 400 may name them or their parts."""


@schemathesis.check
def answers_as_liveproof(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """Every refusal is a problem document, of its status and its type; nobody stores an answer."""
    kind = response.headers.get("content-type", [""])[0]
    if response.status_code < 400:
        assert kind == "application/json", f"a success is {kind}"
        return
    assert kind == PROBLEM, f"a refusal is {kind}"
    problem = json.loads(response.content)
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:liveproof:problem:{problem['code']}"
    assert response.headers["cache-control"] == ["no-store"]
    if response.status_code == 401:
        assert response.headers["www-authenticate"] == ["Bearer"]
    assert problem["code"] != "internal_error", "a fault of ours"


@schemathesis.check
def refuses_by_a_named_rule(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """A request that fits the document is a 400 only by a rule that the document cannot say."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code != 400:
        return
    problem = json.loads(response.content)
    # JSON Schema takes 2.0 for an integer; liveproof does not: docs/api.md.
    if problem["detail"] == "Expected `int`, got `float`":
        return
    operation = case.operation.definition.raw["operationId"]
    field = problem.get("field", "")
    rules = RULES.get(operation, ())
    assert field.partition(".")[0].partition("[")[0] in rules, f"refused without a rule: {problem}"
