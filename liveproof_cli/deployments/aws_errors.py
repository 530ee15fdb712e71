"""What a command prints for an error of AWS."""

from __future__ import annotations

from liveproof.clouds.aws.clients import EndpointInvalid
from liveproof.clouds.aws.errors import AwsRefused, AwsUnanswered
from liveproof_cli.errors import one_line

_LOG_IN = (
    "log in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
)
_PERMISSIONS = (
    "cloudformation:DescribeStacks, and dynamodb:Query, Scan, GetItem, BatchGetItem and PutItem on"
    " the table and its indexes; those about secrets need secretsmanager:GetSecretValue and"
    " PutSecretValue; `doctor` and `redrive` need what docs/doctor.md lists"
)
_CREDENTIALS_REFUSED = frozenset(
    {
        "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId",
        "InvalidSignatureException", "SignatureDoesNotMatch", "UnrecognizedClientException",
    }
)  # fmt: skip
_FORBIDDEN = frozenset({"AccessDenied", "AccessDeniedException"})


def explain_error(error: Exception, deployment: str) -> str | None:
    """What is wrong and what to do next; None for an error of another kind.

    Args:
        error: raised by the use of the deployment.
        deployment: what to call it.
    """
    if isinstance(error, AwsRefused):
        return _explain_code(error.code, deployment)
    if isinstance(error, AwsUnanswered):
        return f"AWS does not answer: look at the region and at the network. {one_line(error)}"
    if isinstance(error, EndpointInvalid):
        return f"{error}."
    return _explain_botocore(error, deployment)


def _explain_botocore(error: Exception, deployment: str) -> str | None:
    from botocore import exceptions

    if isinstance(error, exceptions.ClientError):
        return _explain_code(str(error.response["Error"]["Code"]), deployment)
    if not isinstance(error, exceptions.BotoCoreError):
        return None
    if isinstance(error, exceptions.NoRegionError):
        return "No AWS region is known: name the deployment's, --deployment aws:STAGE@REGION."
    if isinstance(error, exceptions.InvalidRegionError):
        return f"{one_line(error)} Name one such as ap-southeast-1: aws:STAGE@REGION."
    if isinstance(error, exceptions.ProfileNotFound):
        return f"{error}: set AWS_PROFILE to one of those that `aws configure list-profiles` shows."
    if isinstance(error, (exceptions.HTTPClientError, exceptions.ConnectionError)):
        return f"AWS does not answer: look at the region and at the network. {one_line(error)}"
    if "redential" in type(error).__name__ or "SSO" in type(error).__name__:
        return f"There are no AWS credentials that work: {_LOG_IN}. {one_line(error)}"
    return f"AWS cannot be asked: {one_line(error)}"


def _explain_code(code: str, deployment: str) -> str:
    if code in _CREDENTIALS_REFUSED:
        return f"AWS refuses the credentials ({code}): {_LOG_IN}."
    if code in _FORBIDDEN:
        return f"The credentials may not use {deployment}: commands need {_PERMISSIONS}."
    if code == "ResourceNotFoundException":
        return f"{deployment} has no such table: look for the stack's output TableName."
    if code == "ValidationException":
        return (
            f"The table of {deployment} is none of this version: look for the stack's output"
            " TableName, and at its indexes."
        )
    return f"AWS refused with {code}: try again, and look at {deployment} in the console."
