"""Tencent Cloud's APIs as the operator's shell may use them, or those of a local cloud."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from liveproof.clouds.tencent.retrying import error_code
from liveproof.secret_documents import VendorKey
from liveproof.vendors.errors import VendorError
from liveproof.vendors.tencent.api import TencentApi
from liveproof_cli.errors import CannotBeDone

_ENDPOINTS = {
    "LIVEPROOF_SSM_ENDPOINT": "https://ssm.tencentcloudapi.com",
    "LIVEPROOF_SCF_ENDPOINT": "https://scf.tencentcloudapi.com",
}
"""The functions have settings of these names: some accounts have other hosts."""

_KEY_VARIABLES = ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY")


@dataclass(frozen=True)
class Account:
    """The APIs of one region. A call without a login raises CannotBeDone."""

    ssm: TencentApi
    scf: TencentApi


def shell_account(region: str) -> Account:
    """The account of the keys in the environment."""
    ssm, scf = (os.environ.get(name) or default for name, default in _ENDPOINTS.items())
    return Account(TencentApi(ssm, region, shell_key), TencentApi(scf, region, shell_key))


def local_account(document: Mapping[str, str], region: str) -> Account:
    """The account of a local cloud, as `make local` describes it. Raises KeyError."""
    key = VendorKey(document["secret_id"], document["secret_key"])
    read: Callable[[], VendorKey] = lambda: key  # noqa: E731 - a value that never changes
    api = TencentApi(document["endpoint"], region, read)
    return Account(api, api)


def explain_refusal(error: VendorError, product: str, *permissions: str) -> CannotBeDone:
    """What a command says when an API of the account refuses, or does not answer."""
    code = error_code(error)
    if code.startswith(("AuthFailure", "UnauthorizedOperation")):
        return CannotBeDone(f"{product} refuses the login ({code}): {_log_in(*permissions)}.")
    return CannotBeDone(
        f"{product} cannot be asked ({code}): look at the region and at the network."
    )


def has_shell_key() -> bool:
    """Whether the environment has a login at Tencent Cloud."""
    return all(os.environ.get(name) for name in _KEY_VARIABLES)


def shell_key() -> VendorKey:
    """The key in the environment. Raises CannotBeDone without one."""
    secret_id, secret_key = (os.environ.get(name, "") for name in _KEY_VARIABLES)
    if not (secret_id and secret_key):
        raise CannotBeDone(f"This needs a login at Tencent Cloud: {_log_in()}.")
    token = os.environ.get("TENCENTCLOUD_SECURITY_TOKEN")
    return VendorKey(secret_id, secret_key, token or None)


def _log_in(*permissions: str) -> str:
    use = f" to a key that may use {', '.join(permissions)}" if permissions else ""
    return f"set {' and '.join(_KEY_VARIABLES)}, as for Terraform,{use or ' to its key'}"
