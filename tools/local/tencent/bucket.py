"""The deployment's bucket as infra/tencent and the guide make it: its policy, its CORS rules, its
strict signature. Without TLS, which a local cloud does not have, the policy lets plain http in."""

from __future__ import annotations

import json
from pathlib import Path
from xml.sax.saxutils import escape

from tools import hcl
from tools.deployment import cos_settings, strict_signature
from tools.local.emulator import EmulatorProcess
from tools.local.tencent.platform import template
from tools.processes import ToolError


def prepare(
    vendor: EmulatorProcess,
    host: str,
    infra: Path,
    *,
    cors_origins: str,
    policy: bool,
    strict: bool,
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
        ToolError: the emulator refused one.
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
            raise ToolError(f"the bucket's strict signature: {error}") from None


def _policy(infra: Path, host: str) -> bytes:
    bucket, _, region, *_ = host.split(".")
    app_id = bucket.rpartition("-")[2]
    resource = f"qcs::cos:{region}:uid/{app_id}:{bucket}"
    path = infra / "bucket_policy.json"
    text = template.fill(path.read_text(encoding="utf-8"), {"bucket_resource": resource}, path)
    return json.dumps({"version": "2.0", "Statement": json.loads(text)["uploads"]}).encode()


def _cors(infra: Path, origins: list[str]) -> bytes:
    """The rule of bucket.tf. Raises ToolError if it is not where it was."""
    document = hcl.load(infra / "bucket.tf")
    try:
        (bucket,) = (
            resource['"tencentcloud_cos_bucket"']['"bucket"']
            for resource in document["resource"]
            if '"tencentcloud_cos_bucket"' in resource
        )
        (cors,) = (block for block in bucket["dynamic"] if '"cors_rules"' in block)
        (rule,) = cors['"cors_rules"']["content"]
        methods, headers = rule["allowed_methods"], rule["allowed_headers"]
        seconds = int(rule["max_age_seconds"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ToolError(f"bucket.tf has no CORS rule that can be read: {error}") from None
    parts = [
        *_elements("AllowedOrigin", origins),
        *_elements("AllowedMethod", [method.strip('"') for method in methods]),
        *_elements("AllowedHeader", [header.strip('"') for header in headers]),
        *_elements("MaxAgeSeconds", [str(seconds)]),
    ]
    rules = f"<CORSRule>{''.join(parts)}</CORSRule>"
    return f"<CORSConfiguration>{rules}</CORSConfiguration>".encode()


def _elements(name: str, texts: list[str]) -> list[str]:
    return [f"<{name}>{escape(text)}</{name}>" for text in texts]


def _put(vendor: EmulatorProcess, host: str, setting: str, document: bytes) -> None:
    origin = f"{vendor.url}/cos/{host}"
    answer = cos_settings.request(
        origin, "PUT", setting, vendor.secret_id, vendor.secret_key, document
    )
    if answer.status not in (200, 204):
        text = answer.body.decode("utf-8", "replace")
        raise ToolError(f"the bucket's {setting}: the emulator answered {answer.status} {text}")
