"""DynamoDB's JSON API at a port of this machine, and how it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from liveproof.clouds.aws.api import JsonApi
from liveproof.clouds.aws.signature import Credentials, Scope
from tests.support.servers import http

KEY = Credentials("AKIDEXAMPLE", "secret-key", "session-token")


def dynamodb(port: int, credentials: Callable[[], Credentials] = lambda: KEY) -> JsonApi:
    scope = Scope("ap-southeast-1", "dynamodb")
    url = f"http://127.0.0.1:{port}/"
    return JsonApi(scope, credentials, url, "DynamoDB_20120810", "1.0")


def refusal(code: str, status: int = 400, **fields: Any) -> bytes:
    document = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", **fields}
    return http(status, json.dumps(document).encode(), Connection="close")
