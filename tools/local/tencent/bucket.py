"""The deployment's bucket as infra/tencent and the guide make it: its policy, its CORS rules, its
strict signature. Without TLS, which a local cloud does not have, the policy lets plain http in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import hcl2

from tools.deployment import cos_settings, strict_signature
from tools.local.emulator import Emulator
from tools.local.tencent.platform import template
from tools.processes import LocalCloudError


def prepare(
    vendor: Emulator, host: str, infra: Path, *, cors_origins: str, policy: bool, strict: bool
) -> None:
    """Puts the bucket's settings, with the account's key.

    Args:
        vendor: keeps the bucket.
        host: the bucket's.
        infra: infra/tencent.
        cors_origins: as the variable of that name.
        policy: whether the bucket has its policy.
        strict: whether its strict signature is on.

    Raises:
        LocalCloudError: the emulator refused one.
    """
    if policy:
        _put(vendor, host, "policy", _policy(infra, host))
    if cors_origins:
        _put(vendor, host, "cors", _cors(infra, cors_origins.split(",")))
    if strict:
        origin = f"{vendor.url}/cos/{host}"
        try:
            strict_signature.switch_on(origin, vendor.secret_id, vendor.secret_key)
        except strict_signature.NotSwitchedOn as error:
            raise LocalCloudError(f"the bucket's strict signature: {error}") from None


def _policy(infra: Path, host: str) -> bytes:
    bucket, _, region, *_ = host.split(".")
    app_id = bucket.rpartition("-")[2]
    resource = f"qcs::cos:{region}:uid/{app_id}:{bucket}"
    path = infra / "bucket_policy.json"
    text = template.filled(path.read_text(encoding="utf-8"), {"bucket_resource": resource}, path)
    return json.dumps({"version": "2.0", "Statement": json.loads(text)["uploads"]}).encode()


def _cors(infra: Path, origins: list[str]) -> bytes:
    """The rule of bucket.tf. Raises LocalCloudError if it is not where it was."""
    with (infra / "bucket.tf").open(encoding="utf-8") as file:
        document: Any = hcl2.load(file)
    try:
        (bucket,) = (
            each['"tencentcloud_cos_bucket"']['"bucket"']
            for each in document["resource"]
            if '"tencentcloud_cos_bucket"' in each
        )
        (rule,) = bucket["dynamic"][0]['"cors_rules"']["content"]
        methods, headers = rule["allowed_methods"], rule["allowed_headers"]
        seconds = int(rule["max_age_seconds"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise LocalCloudError(f"bucket.tf has no CORS rule that can be read: {error}") from None
    parts = [
        *_elements("AllowedOrigin", origins),
        *_elements("AllowedMethod", [each.strip('"') for each in methods]),
        *_elements("AllowedHeader", [each.strip('"') for each in headers]),
        *_elements("MaxAgeSeconds", [str(seconds)]),
    ]
    rules = f"<CORSRule>{''.join(parts)}</CORSRule>"
    return f"<CORSConfiguration>{rules}</CORSConfiguration>".encode()


def _elements(name: str, texts: list[str]) -> list[str]:
    return [f"<{name}>{escape(each)}</{name}>" for each in texts]


def _put(vendor: Emulator, host: str, setting: str, document: bytes) -> None:
    origin = f"{vendor.url}/cos/{host}"
    answer = cos_settings.ask(origin, "PUT", setting, vendor.secret_id, vendor.secret_key, document)
    if answer.status not in (200, 204):
        text = answer.body.decode("utf-8", "replace")
        raise LocalCloudError(
            f"the bucket's {setting}: the emulator answered {answer.status} {text}"
        )
