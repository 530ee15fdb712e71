"""Steps made with cos-python-sdk-v5: a plan on standard input, outcomes on output."""

import base64
import importlib
import json
import logging
import sys
from typing import Any


def client_of(plan: dict[str, Any], step: dict[str, Any]) -> Any:
    """A client that names the bucket in the plan's style."""
    sdk = importlib.import_module("qcloud_cos")
    endpoint, bucket, region = plan["endpoint"], plan["bucket"], plan["region"]
    host, port = endpoint.split(":")
    style = {
        "path": {"Domain": f"{endpoint}/cos/{bucket}.cos.{region}.myqcloud.com"},
        "host": {"IP": host, "Port": int(port)},
        "proxy": {"Proxies": {"http": f"http://{endpoint}"}},
        "domain": {"Domain": endpoint},
    }[plan["style"]]
    config = sdk.CosConfig(
        Region=region,
        SecretId=step.get("secret_id", plan["secret_id"]),
        SecretKey=step.get("secret_key", plan["secret_key"]),
        Token=step.get("token"),
        Scheme="http",
        Timeout=30,
        **style,
    )
    return sdk.CosS3Client(config, retry=0)


def done(client: Any, bucket: str, step: dict[str, Any]) -> dict[str, Any]:
    """What one step came to."""
    what, named = step["do"], {"Bucket": bucket, "Key": step.get("key", "")}
    if what == "put":
        body = base64.b64decode(step["body"])
        metadata = {"x-cos-meta-who": "é/ a"} if step.get("meta") else {}
        put = client.put_object(
            **named, Body=body, EnableMD5=True, **({"Metadata": metadata} if metadata else {})
        )
        return {"etag": put["ETag"], "crc": put["x-cos-hash-crc64ecma"]}
    if what == "get":
        got = client.get_object(**named, **({"Range": step["range"]} if "range" in step else {}))
        body = got["Body"].get_raw_stream().read()
        return {"body": base64.b64encode(body).decode(), "range": got.get("Content-Range")}
    if what == "head":
        head = client.head_object(**named)
        return {"size": head["Content-Length"], "crc": head["x-cos-hash-crc64ecma"]}
    if what == "delete":
        client.delete_object(**named)
        return {}
    if what == "list":
        page = client.list_objects(
            bucket, step["prefix"], step["delimiter"], step["marker"], step["size"]
        )
        return {
            "keys": [item["Key"] for item in page.get("Contents", [])],
            "prefixes": [prefix["Prefix"] for prefix in page.get("CommonPrefixes", [])],
            "next": page.get("NextMarker"),
        }
    signed = {"Params": {"x-cos-security-token": step["token"]}} if "token" in step else {}
    return {"url": client.get_presigned_url(**named, Method=step["method"], **signed)}


def main() -> None:
    """Every step of the plan, in order."""
    logging.disable(logging.CRITICAL)
    plan = json.load(sys.stdin)
    failure = importlib.import_module("qcloud_cos.cos_exception").CosServiceError
    results = []
    for step in plan["steps"]:
        try:
            results.append(done(client_of(plan, step), plan["bucket"], step))
        except failure as problem:
            results.append({"error": problem.get_error_code(), "status": problem.get_status_code()})
    print(json.dumps(results))  # noqa: T201


if __name__ == "__main__":
    main()
