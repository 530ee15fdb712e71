"""The headers of a request to Tencent Cloud's API 3.0, with its signature, TC3-HMAC-SHA256.

The vendor's SDK signs. Its client, which would also write the headers, is not imported: it brings
an HTTP library that takes most of a cold start. The test suite holds every request equal to the one
that the SDK's client makes.
Source: signature method v3, cloud.tencent.com/document/product/1278/46710.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timezone

from tencentcloud.common.sign import Sign

from liveproof.secret_documents import VendorKey

_ALGORITHM = "TC3-HMAC-SHA256"
_CONTENT_TYPE = "application/json"
_VISIBLE = re.compile("[!-~]+")


def sign_headers(
    host: str,
    service: str,
    version: str,
    action: str,
    body: bytes,
    key: VendorKey,
    now: int,
    region: str | None,
) -> dict[str, str]:
    """The headers of a POST to `/`.

    Args:
        host: with its port, as the request sends it.
        service: such as faceid.
        version: the API's, such as 2018-03-01.
        now: time of signing, ms since 1970.
        region: None for an action that takes none.

    Raises:
        ValueError: the key holds characters that no header may have; the text does not show it.
    """
    parts = (key.secret_id, key.secret_key, *([key.token] if key.token else []))
    if not all(_VISIBLE.fullmatch(part) for part in parts):
        raise ValueError("the key has characters that cannot be sent")
    timestamp = str(now // 1000)
    date = datetime.fromtimestamp(now // 1000, tz=timezone.utc).strftime("%Y-%m-%d")
    canonical = (
        f"POST\n/\n\ncontent-type:{_CONTENT_TYPE}\nhost:{host}\n\ncontent-type;host\n"
        f"{hashlib.sha256(body).hexdigest()}"
    )
    scope = f"{date}/{service}/tc3_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"{_ALGORITHM}\n{timestamp}\n{scope}\n{digest}"
    signature = Sign.sign_tc3(key.secret_key, date, service, to_sign)
    headers = {
        "Content-Type": _CONTENT_TYPE,
        "Host": host,
        "X-TC-Action": action,
        "X-TC-Timestamp": timestamp,
        "X-TC-Version": version,
        "X-TC-Language": "en-US",
        "Authorization": (
            f"{_ALGORITHM} Credential={key.secret_id}/{scope},"
            f" SignedHeaders=content-type;host, Signature={signature}"
        ),
    }
    if region is not None:
        headers["X-TC-Region"] = region
    if key.token:
        headers["X-TC-Token"] = key.token
    return headers
