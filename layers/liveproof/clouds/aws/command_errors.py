"""What an operator's command prints for an error of DynamoDB."""

from __future__ import annotations

from liveproof.clouds.aws.clients import EndpointInvalid
from liveproof.clouds.aws.errors import AwsRefused, AwsUnanswered

_CREDENTIALS = (
    "log in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
)


def explain_error(error: Exception, table: str) -> str | None:
    """What is wrong and what to do next; None for an error of another kind.

    Args:
        error: raised by the use of the store.
        table: the table's name.
    """
    from botocore import exceptions

    if isinstance(error, AwsRefused):
        return _explain_code(error.code, table)
    if isinstance(error, AwsUnanswered):
        return f"DynamoDB does not answer: look at --region and at the network. {error}"
    if isinstance(error, EndpointInvalid):
        return f"{error}."
    if not isinstance(error, exceptions.BotoCoreError):
        return None
    if isinstance(error, exceptions.NoRegionError):
        return "No AWS region is known: name the deployment's with --region."
    if isinstance(error, exceptions.InvalidRegionError):
        return f"{error} Name the deployment's region with --region, such as ap-southeast-1."
    if isinstance(error, exceptions.ProfileNotFound):
        return f"{error}: set AWS_PROFILE to one of those that `aws configure list-profiles` shows."
    if "redential" in type(error).__name__ or "SSO" in type(error).__name__:
        return f"There are no AWS credentials that work: {_CREDENTIALS}. {_one_line(error)}"
    return f"AWS cannot be asked: {_one_line(error)}"


def _explain_code(code: str, table: str) -> str:
    if code == "ResourceNotFoundException":
        return (
            f"There is no table {table} in this account and region: take TableName from the"
            " stack's outputs, and look at --region."
        )
    if code in ("AccessDeniedException", "AccessDenied"):
        return (
            f"The credentials may not use {table}: they need dynamodb:Query, GetItem and PutItem"
            " on it and its indexes."
        )
    if code in ("ExpiredTokenException", "InvalidClientTokenId", "InvalidSignatureException",
                "UnrecognizedClientException", "ExpiredToken"):  # fmt: skip
        return f"AWS refuses the credentials ({code}): {_CREDENTIALS}."
    if code == "ValidationException":
        return f"{table} is no table of a deployment: take TableName from the stack's outputs."
    return f"DynamoDB refused with {code}: try again, and look at the table {table} in the console."


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
