"""Calls made with tencentcloud-sdk-python-intl-en: a plan on standard input, outcomes on output."""

import importlib
import json
import sys
from typing import Any


def outcome(endpoint: str, call: dict[str, Any]) -> dict[str, Any]:
    """One call with its own client."""
    common = "tencentcloud.common"
    profiles = importlib.import_module(f"{common}.profile.client_profile")
    http = importlib.import_module(f"{common}.profile.http_profile")
    credential = importlib.import_module(f"{common}.credential").Credential
    failure = importlib.import_module(
        f"{common}.exception.tencent_cloud_sdk_exception"
    ).TencentCloudSDKException
    service, version = call["service"], "v" + call["version"].replace("-", "")
    client = importlib.import_module(f"tencentcloud.{service}.{version}.{service}_client")
    models = importlib.import_module(f"tencentcloud.{service}.{version}.models")
    profile = profiles.ClientProfile(
        httpProfile=http.HttpProfile(protocol="http", endpoint=endpoint, reqTimeout=30)
    )
    signed_by = credential(call["secret_id"], call["secret_key"], call.get("token"))
    made = getattr(client, f"{service.capitalize()}Client")(signed_by, call["region"], profile)
    request = getattr(models, f"{call['action']}Request")()
    request.from_json_string(json.dumps(call["parameters"]))
    try:
        response = getattr(made, call["action"])(request)
    except failure as problem:
        return {"error": problem.code, "request_id": problem.requestId}
    return {"response": json.loads(response.to_json_string())}


def main() -> None:
    """Every call of the plan, in order."""
    plan = json.load(sys.stdin)
    print(json.dumps([outcome(plan["endpoint"], call) for call in plan["calls"]]))  # noqa: T201


if __name__ == "__main__":
    main()
