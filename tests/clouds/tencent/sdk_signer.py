"""Signatures by cos-python-sdk-v5, unchanged but for the clock: a case per line, an answer each."""

import importlib
import json
import logging
import sys
from typing import Any


def answer(case: dict[str, Any]) -> dict[str, str]:
    """The Authorization header and the presigned URL that the SDK makes of a case."""
    sdk = importlib.import_module("qcloud_cos")
    clock = importlib.import_module("qcloud_cos.cos_auth").time
    clock.time = lambda: case["now"]
    endpoint = {"Domain": case["domain"]} if case["domain"] else {}
    config = sdk.CosConfig(
        Region=case["region"],
        SecretId=case["secret_id"],
        SecretKey=case["secret_key"],
        Scheme="https",
        **endpoint,
    )
    client = sdk.CosS3Client(config)

    def arguments() -> dict[str, Any]:
        # The SDK changes what it is given.
        return {
            "Bucket": case["bucket"],
            "Key": case["key"],
            "Method": case["method"],
            "Expired": case["seconds"],
            "Headers": dict(case["headers"]),
            "Params": dict(case["params"]),
        }

    return {
        "authorization": client.get_auth(**arguments()),
        "url": client.get_presigned_url(**arguments()),
    }


def main() -> None:
    """Answer until the input ends."""
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
