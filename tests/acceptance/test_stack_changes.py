"""What `make deploy` reads of a stack that osls has deployed."""

from __future__ import annotations

import copy

import pytest

from tools.deployment.stack_changes import deployed_template, lines
from tools.local.aws import deployment
from tools.local.cloud import LocalCloud


@pytest.mark.parametrize("local_cloud", ["aws"], indirect=True)
def test_a_setting_that_will_change_is_shown_beside_the_deployed_one(
    local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = deployment.of(local_cloud)
    for name, text in aws.aws.credentials().items():
        monkeypatch.setenv(name, text)
    stack = f"liveproof-{deployment.STAGE}"
    deployed = deployed_template(stack, aws.aws.region)
    assert deployed is not None
    assert set(deployed["Outputs"]) == set(aws.outputs)

    compiled = copy.deepcopy(dict(deployed))
    compiled["Resources"]["RunCheckLambdaFunction"]["Properties"]["MemorySize"] = 1769
    assert lines(stack, deployed, compiled) == [
        f"The stack {stack} changes, and the code is uploaded anew:",
        "  changed  AWS::Lambda::Function RunCheckLambdaFunction",
        "             MemorySize: 512 -> 1769",
    ]
