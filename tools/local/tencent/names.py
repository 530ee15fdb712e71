"""The names of what the local Tencent Cloud has: of one stage, in one account."""

from __future__ import annotations

from tools import ROOT

INFRA = ROOT / "infra" / "tencent"
_STAGE = "local"
BUCKET = f"liveproof-{_STAGE}-1250000000"
FUNCTION_PREFIX = f"liveproof-{_STAGE}-"
SECRETS = ("api_keys", "webhooks", "vendor_key", "senseid_key", "database")
VERSION = "v1"
"""Of each of the secrets."""


def secret_name(secret: str) -> str:
    """Of one of `SECRETS`, in SSM."""
    return FUNCTION_PREFIX + secret.replace("_", "-")


def bucket_host(region: str) -> str:
    """The bucket's host name in COS."""
    return f"{BUCKET}.cos.{region}.myqcloud.com"
