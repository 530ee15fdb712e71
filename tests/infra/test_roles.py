"""Every function can do what its code needs, and nothing else."""

from __future__ import annotations

import pytest

from liveproof import facts
from tests.infra.template import Template, as_list, target_of, text_of
from tools.packaging.aws.checks import logical_name

TABLE = "Table.Arn"
UPLOADS = "${Bucket.Arn}/uploads/*"
EVIDENCE = "${Bucket.Arn}/evidence/*"
LIST = ("s3:ListBucket", "Bucket.Arn")
CHECK_QUEUES = tuple(f"Check{logical_name(check)}Queue.Arn" for check in facts.checks())
SEND_CHECKS = tuple(("sqs:SendMessage", queue) for queue in CHECK_QUEUES)

# action and resource of each function, apart from its own log group and its own queues
ALLOWED: dict[str, set[tuple[str, str]]] = {
    "create_upload": {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
        ("s3:PutObject", UPLOADS),
        ("secretsmanager:GetSecretValue", "ApiKeysSecret.Id"),
    },
    "create_reflect_sequence": {
        ("dynamodb:UpdateItem", TABLE),
        ("secretsmanager:GetSecretValue", "ApiKeysSecret.Id"),
        ("secretsmanager:GetSecretValue", "VendorKeySecret.Id"),
    },
    "read_verification": {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:BatchGetItem", TABLE),
        ("dynamodb:Query", "${Table.Arn}/index/by_client"),
        ("dynamodb:Query", "${Table.Arn}/index/recent"),
        ("s3:GetObject", EVIDENCE),
        LIST,
        ("secretsmanager:GetSecretValue", "ApiKeysSecret.Id"),
    },
    "resend_result": {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:BatchGetItem", TABLE),
        ("dynamodb:Query", "${Table.Arn}/index/by_client"),
        ("dynamodb:Query", "${Table.Arn}/index/recent"),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
        ("sqs:SendMessage", "DeliveriesQueue.Arn"),
        ("secretsmanager:GetSecretValue", "ApiKeysSecret.Id"),
    },
    "webhooks": {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
        ("secretsmanager:GetSecretValue", "ApiKeysSecret.Id"),
        ("secretsmanager:GetSecretValue", "WebhooksSecret.Id"),
        ("kms:Sign", "WebhookKmsKey"),
        ("kms:GetPublicKey", "WebhookKmsKey"),
    },
    "delete_verification": {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("sqs:SendMessage", "ErasuresQueue.Arn"),
        ("secretsmanager:GetSecretValue", "ApiKeysSecret.Id"),
    },
    "erase": {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
        ("s3:ListBucketVersions", "Bucket.Arn"),
        ("s3:DeleteObject", UPLOADS),
        ("s3:DeleteObjectVersion", UPLOADS),
        ("s3:DeleteObject", EVIDENCE),
        ("s3:DeleteObjectVersion", EVIDENCE),
        ("sqs:SendMessage", "DeliveriesQueue.Arn"),
    },
    "verify_upload": {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
        ("s3:GetObject", UPLOADS),
        LIST,
        *SEND_CHECKS,
        ("sqs:SendMessage", "DeliveriesQueue.Arn"),
        ("sqs:SendMessage", "ErasuresQueue.Arn"),
    },
    "run_check": {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
        ("s3:GetObject", UPLOADS),
        LIST,
        ("s3:PutObject", EVIDENCE),
        *SEND_CHECKS,
        ("sqs:SendMessage", "DeliveriesQueue.Arn"),
        ("sqs:SendMessage", "ErasuresQueue.Arn"),
        ("secretsmanager:GetSecretValue", "VendorKeySecret.Id"),
        ("secretsmanager:GetSecretValue", "SenseIdKeySecret.Id"),
    },
    "deliver_result": {
        ("dynamodb:GetItem", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
        ("s3:PutObject", EVIDENCE),
        ("sqs:SendMessage", "DeliveriesQueue.Arn"),
        ("secretsmanager:GetSecretValue", "WebhooksSecret.Id"),
        ("kms:Sign", "WebhookKmsKey"),
    },
    "sweep": {
        ("dynamodb:Query", "${Table.Arn}/index/unfinished"),
        ("dynamodb:Query", "${Table.Arn}/index/due"),
        ("dynamodb:UpdateItem", TABLE),
        ("dynamodb:PutItem", TABLE),
        ("sqs:SendMessage", "UploadsQueue.Arn"),
        *SEND_CHECKS,
        ("sqs:SendMessage", "DeliveriesQueue.Arn"),
        ("sqs:SendMessage", "ErasuresQueue.Arn"),
        *(
            ("sqs:GetQueueAttributes", queue)
            for queue in (
                "UploadsQueue.Arn",
                *CHECK_QUEUES,
                "DeliveriesQueue.Arn",
                "ErasuresQueue.Arn",
            )
        ),
    },
}
OWN_QUEUES = {
    "verify_upload": ("UploadsQueue.Arn",),
    "run_check": CHECK_QUEUES,
    "deliver_result": ("DeliveriesQueue.Arn",),
    "erase": ("ErasuresQueue.Arn",),
}


def _pairs(template: Template, role: str) -> set[tuple[str, str]]:
    pairs = set()
    for statement in template.statements(role):
        assert statement["Effect"] == "Allow"
        assert "NotAction" not in statement
        assert "NotResource" not in statement
        for action in as_list(statement["Action"]):
            pairs |= {(action, text_of(resource)) for resource in as_list(statement["Resource"])}
    return pairs


def _role_of(template: Template, function: str) -> str:
    return target_of(template.functions()[function]["Role"])


def test_every_function_has_a_role_of_its_own(template: Template) -> None:
    roles = [target_of(function["Role"]) for function in template.functions().values()]
    assert len(roles) == len(set(roles))
    assert set(template.of_type("AWS::IAM::Role")) == {*roles, "SchedulerRole"}


@pytest.mark.parametrize("function", sorted(ALLOWED))
def test_a_function_may_do_what_its_code_needs_and_nothing_else(
    template: Template, function: str
) -> None:
    log_group = (
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
        f"log-group:/aws/lambda/liveproof-production-{function}:*"
    )
    expected = ALLOWED[function] | {
        ("logs:CreateLogStream", log_group),
        ("logs:PutLogEvents", log_group),
    }
    for queue in OWN_QUEUES.get(function, ()):
        actions = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
        expected |= {(f"sqs:{action}", queue) for action in actions}
    assert _pairs(template, _role_of(template, function)) == expected


def test_rows_are_updated_for_the_quota_or_within_other_limits(
    template: Template,
) -> None:
    updaters = set()
    for role in template.of_type("AWS::IAM::Role"):
        for statement in template.statements(role):
            if "dynamodb:UpdateItem" in as_list(statement["Action"]):
                updaters.add(role)
                if role == "SweepRole":
                    # It moves due times of verifications, and nothing else.
                    condition = statement["Condition"]
                    assert condition["ForAllValues:StringLike"] == {
                        "dynamodb:LeadingKeys": ["ver_*"]
                    }
                    assert "dynamodb:Attributes" in condition["ForAllValues:StringEquals"]
                    continue
                assert statement["Action"] == ["dynamodb:UpdateItem"], role
                rows = {
                    "DeliverResultRole": ["endpoint#*"],
                    "WebhooksRole": ["quota#*", "endpoint#*"],
                    "CreateUploadRole": ["limit#*"],
                    "EraseRole": ["limit#*", "rejected#*"],
                    "VerifyUploadRole": ["limit#*"],
                    "RunCheckRole": ["quota#*", "limit#*", "rejected#*"],
                }.get(role, ["quota#*"])
                assert statement["Condition"] == {
                    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": rows}
                }, role
    assert updaters == {
        "CreateReflectSequenceRole",
        "CreateUploadRole",
        "DeliverResultRole",
        "EraseRole",
        "ResendResultRole",
        "RunCheckRole",
        "SweepRole",
        "VerifyUploadRole",
        "WebhooksRole",
    }


def test_every_function_is_in_the_table_of_permissions(template: Template) -> None:
    assert set(template.functions()) == set(ALLOWED)


def test_no_role_has_a_wildcard_for_an_action_or_a_whole_service(template: Template) -> None:
    for role in template.of_type("AWS::IAM::Role"):
        for action, resource in _pairs(template, role):
            assert "*" not in action, (role, action)
            assert resource != "*", (role, action)


def test_without_a_key_in_kms_no_role_has_a_permission_for_one(template: Template) -> None:
    for role in ("DeliverResultRole", "WebhooksRole"):
        ((policy,),) = (template.resources[role]["Properties"]["Policies"],)
        (branches,) = (
            statement["Fn::If"]
            for statement in policy["PolicyDocument"]["Statement"]
            if "Fn::If" in statement
        )
        assert (branches[0], branches[2]) == ("HasWebhookKmsKey", {"Ref": "AWS::NoValue"})
    assert template.document["Parameters"]["WebhookKmsKey"]["Default"] == ""


def test_only_lambda_may_take_a_functions_role(template: Template) -> None:
    for name, role in template.of_type("AWS::IAM::Role").items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        service = "scheduler" if name == "SchedulerRole" else "lambda"
        assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
        assert statement["Action"] == "sts:AssumeRole"


def test_the_scheduler_may_run_sweep_and_nothing_else(template: Template) -> None:
    sweep = (
        "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:"
        "function:liveproof-production-sweep"
    )
    # The alias is what a gradual deployment runs.
    assert _pairs(template, "SchedulerRole") == {
        ("lambda:InvokeFunction", sweep),
        ("lambda:InvokeFunction", f"{sweep}:live"),
    }
