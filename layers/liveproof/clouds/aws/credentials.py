"""The key to sign with: of a function's role, or of an operator's shell."""

from __future__ import annotations

import os
from collections.abc import Callable

from liveproof.clouds.aws.signature import Credentials


def role_credentials() -> Credentials:
    """The key of the function's role, from the environment; read each time: it rotates.

    Raises:
        RuntimeError: with the variable that is missing.
    """
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    for name in names:
        if not os.environ.get(name):
            raise RuntimeError(f"{name} is not in the environment")
    access_key, secret_key = (os.environ[name] for name in names)
    return Credentials(access_key, secret_key, os.environ.get("AWS_SESSION_TOKEN") or None)


def shell_login(region: str | None) -> tuple[str, Callable[[], Credentials]]:
    """The region and the credentials that AWS's own tools find: environment, profile, SSO.

    Args:
        region: instead of the shell's.

    Raises:
        BotoCoreError: there is no such region, profile or key.
    """
    # For operators' machines: no function imports botocore.
    import botocore.session
    from botocore.exceptions import NoCredentialsError, NoRegionError
    from botocore.utils import validate_region_name

    session = botocore.session.get_session()
    region = region or session.get_config_variable("region")
    if not region:
        raise NoRegionError
    validate_region_name(region)
    chosen = session.get_credentials()
    if chosen is None:
        raise NoCredentialsError

    def credentials() -> Credentials:
        frozen = chosen.get_frozen_credentials()  # renewed if they are temporary
        return Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token)

    return region, credentials
