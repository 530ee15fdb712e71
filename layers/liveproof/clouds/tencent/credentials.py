"""The key of the function's execution role, from SCF's environment."""

from __future__ import annotations

import os

from liveproof.secret_documents import VendorKey

_ID, _KEY, _TOKEN = (
    "TENCENTCLOUD_SECRETID",
    "TENCENTCLOUD_SECRETKEY",
    "TENCENTCLOUD_SESSIONTOKEN",
)


def runtime_key() -> VendorKey:
    """The function's own temporary key; read anew at each call, since SCF renews it.

    The vendor's SDK looks for other names (TENCENTCLOUD_SECRET_ID, ...), which SCF does not set.

    Raises:
        RuntimeError: with the variable that is missing.
    """
    return VendorKey(_variable(_ID), _variable(_KEY), _variable(_TOKEN))


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(
            f"{name} is not in the environment: SCF sets it only for a function with an "
            "execution role, so the function probably has none"
        )
    return value
