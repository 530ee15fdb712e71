"""The key of the function's role."""

from __future__ import annotations

import os

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
