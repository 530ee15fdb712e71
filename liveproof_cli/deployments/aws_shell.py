"""AWS as the operator's shell is logged in: region, credentials, identity, a stack's outputs.

botocore knows environment, profiles and SSO. No deployed function imports it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError
from botocore.utils import validate_region_name

from liveproof.clouds.aws.signature import Credentials
from liveproof_cli.errors import CannotBeDone

if TYPE_CHECKING:
    from botocore.session import Session

_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})


@dataclass(frozen=True)
class Shell:
    """A login of AWS's own tools, in one region."""

    session: Session
    region: str

    def credentials(self) -> Credentials:
        """The key to sign with; botocore renews it if it is temporary."""
        chosen = self.session.get_credentials()
        if chosen is None:
            raise NoCredentialsError
        frozen = chosen.get_frozen_credentials()
        return Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token)

    def operator(self) -> str:
        """The ARN of whoever is logged in. The call needs no permission."""
        identity = self._client("sts").get_caller_identity()
        return str(identity["Arn"])

    def outputs(self, stack: str) -> dict[str, str]:
        """A stack's outputs. Raises CannotBeDone if it has none yet, or there is no such stack."""
        try:
            stacks = self._client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            raise CannotBeDone(
                f"There is no stack {stack} in {self.region} in this account: look at stage and"
                " region in --deployment aws:STAGE@REGION, and at the login."
            ) from None
        return {
            output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])
        }

    def _client(self, service: str) -> Any:
        # Names of services are not literals here, so the stubs have no type for it.
        create: Any = self.session.create_client
        return create(service, region_name=self.region, config=_CONFIG)


def log_in(region: str | None) -> Shell:
    """The login that AWS's own tools find: environment, profile, SSO.

    Args:
        region: instead of the shell's.

    Raises:
        BotoCoreError: there is no such region, profile or key.
    """
    session = botocore.session.get_session()
    region = region or session.get_config_variable("region")
    if not region:
        raise NoRegionError
    validate_region_name(region)
    if session.get_credentials() is None:
        raise NoCredentialsError
    return Shell(session, region)
