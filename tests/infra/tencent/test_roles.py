"""Every function can do what its code needs, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.infra.tencent import evaluated
from tests.infra.tencent.configuration import Configuration
from tests.infra.tencent.test_functions import STEPS

BUCKET = "qcs::cos:ap-singapore:uid/1250000000:liveproof-production-1250000000"
SECRET = (
    "qcs::ssm:ap-singapore:uin/100000000001:secret/creatorUin/100000000002/liveproof-production-"
)
NAMESPACE = "qcs::scf:ap-singapore:uin/100000000001:namespace/default"
GET_SECRET = "name/ssm:GetSecretValue"
INVOKE = "name/scf:InvokeFunction"
# The one action that is allowed on everything, and why.
EVERYWHERE = {
    INVOKE: "CAM's table (598/57149) has it at the level of operations: a policy that names "
    "functions would not count. SCF's pages (583/18014, 583/38177) say otherwise, so it is a "
    "variable."
}

ALLOWED: dict[str, set[tuple[str, str]]] = {
    "api": {
        ("name/cos:PutObject", f"{BUCKET}/uploads/*"),
        ("name/cos:GetObject", f"{BUCKET}/evidence/*"),
        (GET_SECRET, f"{SECRET}api-keys"),
        (GET_SECRET, f"{SECRET}vendor-key"),
        (GET_SECRET, f"{SECRET}database"),
        (INVOKE, "*"),
    },
    "webhooks": {
        (GET_SECRET, f"{SECRET}api-keys"),
        (GET_SECRET, f"{SECRET}webhooks"),
        (GET_SECRET, f"{SECRET}database"),
    },
    "verify_upload": {
        ("name/cos:GetObject", f"{BUCKET}/uploads/*"),
        (GET_SECRET, f"{SECRET}database"),
        (INVOKE, "*"),
    },
    "run_check": {
        ("name/cos:GetObject", f"{BUCKET}/uploads/*"),
        ("name/cos:HeadObject", f"{BUCKET}/uploads/*"),
        ("name/cos:PutObject", f"{BUCKET}/evidence/*"),
        (GET_SECRET, f"{SECRET}vendor-key"),
        (GET_SECRET, f"{SECRET}senseid-key"),
        (GET_SECRET, f"{SECRET}database"),
        (INVOKE, "*"),
    },
    "deliver_result": {
        ("name/cos:PutObject", f"{BUCKET}/evidence/*"),
        (GET_SECRET, f"{SECRET}webhooks"),
        (GET_SECRET, f"{SECRET}database"),
        (INVOKE, "*"),
    },
    "erase": {
        ("name/cos:GetBucketObjectVersions", f"{BUCKET}/uploads/*"),
        ("name/cos:GetBucketObjectVersions", f"{BUCKET}/evidence/*"),
        ("name/cos:DeleteObject", f"{BUCKET}/uploads/*"),
        ("name/cos:DeleteObject", f"{BUCKET}/evidence/*"),
        (GET_SECRET, f"{SECRET}database"),
        (INVOKE, "*"),
    },
    "sweep": {
        (GET_SECRET, f"{SECRET}database"),
        (INVOKE, "*"),
    },
}


def _pairs(document: str) -> set[tuple[str, str]]:
    policy = json.loads(document)
    assert policy["version"] == "2.0"
    pairs = set()
    for statement in policy["statement"]:
        assert set(statement) == {"effect", "action", "resource"}
        assert statement["effect"] == "allow"
        # CAM takes a string or a list, the provider only lists.
        assert isinstance(statement["action"], list)
        assert isinstance(statement["resource"], list)
        pairs |= {(a, r) for a in statement["action"] for r in statement["resource"]}
    return pairs


def test_the_file_of_functions_grants_what_the_code_asks_for(data: dict[str, Any]) -> None:
    granted = {
        name: (function["bucket"], set(function["secrets"]), function["invokes"])
        for name, function in data["functions"].items()
    }
    assert granted == {
        "api": (
            {"uploads/": ["PutObject"], "evidence/": ["GetObject"]},
            {"api_keys", "vendor_key", "database"},
            True,
        ),
        "webhooks": ({}, {"api_keys", "webhooks", "database"}, False),
        "verify_upload": ({"uploads/": ["GetObject"]}, {"database"}, True),
        "run_check": (
            {"uploads/": ["GetObject", "HeadObject"], "evidence/": ["PutObject"]},
            {"vendor_key", "senseid_key", "database"},
            True,
        ),
        "deliver_result": ({"evidence/": ["PutObject"]}, {"webhooks", "database"}, True),
        "erase": (
            {
                "uploads/": ["GetBucketObjectVersions", "DeleteObject"],
                "evidence/": ["GetBucketObjectVersions", "DeleteObject"],
            },
            {"database"},
            True,
        ),
        "sweep": ({}, {"database"}, True),
    }


@pytest.mark.parametrize("function", sorted(ALLOWED))
def test_a_function_may_do_what_its_code_needs_and_nothing_else(
    wiring: dict[str, Any], function: str
) -> None:
    assert _pairs(wiring["policies"][function]) == ALLOWED[function]


def test_no_policy_has_a_wildcard_but_where_the_vendor_demands_one(
    wiring: dict[str, Any],
) -> None:
    for function, document in wiring["policies"].items():
        for action, resource in _pairs(document):
            assert "*" not in action, function
            if action not in EVERYWHERE:
                assert "*" not in resource.removesuffix("/*"), function
                assert resource != "*", function


def test_every_policy_is_one_of_the_table(wiring: dict[str, Any]) -> None:
    assert set(wiring["policies"]) == set(ALLOWED)


def test_invoking_can_be_limited_to_the_steps(prepared: Path) -> None:
    outputs = evaluated.evaluate(prepared, {"invoke_any_function": False})
    for function, document in outputs["policies"].items():
        invoked = {resource for action, resource in _pairs(document) if action == INVOKE}
        expected = {"api": {*STEPS, "webhooks"}, "webhooks": set()}.get(function, set(STEPS))
        assert invoked == {
            f"{NAMESPACE}/function/liveproof-production-{other}" for other in expected
        }, function


def test_the_root_account_creates_secrets_unless_another_user_is_named(prepared: Path) -> None:
    outputs = evaluated.evaluate(prepared, {"deployer_uin": ""})
    creators = {
        resource.split("creatorUin/")[1].split("/")[0]
        for action, resource in _pairs(outputs["policies"]["sweep"])
        if action == GET_SECRET
    }
    assert creators == {"100000000001"}


def test_every_function_has_a_role_and_a_policy_of_its_own(files: Configuration) -> None:
    (role,) = files.of_type("tencentcloud_cam_role").values()
    assert role["for_each"] == "${module.wiring.functions}"
    # CAM's names hold in every region of the account.
    assert role["name"].endswith("-${var.region}")
    (policy,) = files.of_type("tencentcloud_cam_policy").values()
    assert policy["for_each"] == "${module.wiring.policies}"
    assert policy["document"] == "${each.value}"
    assert policy["name"].endswith("-${var.region}")
    (attachment,) = files.of_type("tencentcloud_cam_role_policy_attachment").values()
    assert attachment["role_id"] == "${tencentcloud_cam_role.function[each.key].id}"
    assert attachment["policy_id"] == "${tencentcloud_cam_policy.function[each.key].id}"
    (function,) = files.of_type("tencentcloud_scf_function").values()
    assert function["role"] == "${tencentcloud_cam_role.function[each.key].name}"


def test_no_preset_policy_is_attached(files: Configuration) -> None:
    kinds = {kind for kind, _ in files.resources()}
    assert {kind for kind in kinds if kind.startswith("tencentcloud_cam_")} == {
        "tencentcloud_cam_role",
        "tencentcloud_cam_policy",
        "tencentcloud_cam_role_policy_attachment",
    }


def test_only_scf_may_take_a_functions_role(files: Configuration) -> None:
    (role,) = files.of_type("tencentcloud_cam_role").values()
    assert role["console_login"] is False
    assert role["document"] == (
        '${jsonencode({version = "2.0", statement = [{effect = "allow", '
        'action = ["name/sts:AssumeRole"], principal = {service = ["scf.qcloud.com"]}}]})}'
    )
