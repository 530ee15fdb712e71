"""The event that COS sends to a function for a new object.

Source: the COS trigger's event, cloud.tencent.com/document/product/583/9707. It has no ETag,
but it has the request's Authorization: a function that logs its event logs a signature.
"""

import secrets
from urllib.parse import quote

from liveproof_emulator.cos.address import Target
from liveproof_emulator.cos.store import Stored
from liveproof_emulator.facts import COS


def object_created(
    target: Target,
    stored: Stored,
    request_id: str,
    caller: str,
    authorization: str,
    how: str = "Put",
) -> dict[str, object]:
    """The event of an object that was just put; the function in `eventQueue` is called `function`.

    Args:
        target: the object's bucket and key.
        stored: what was put.
        request_id: of the request that put it.
        caller: the address that the request came from.
        authorization: the request's signature, as it stands in a header.
        how: `Put` or `Copy`.
    """
    _, _, region, *_ = target.host.split(".")
    name, _, app_id = target.bucket.rpartition("-")
    short = COS.table("short_regions").get(region, region)
    meta = {
        header: text for header, text in stored.headers.items() if header.startswith("x-cos-meta-")
    }
    cos = {
        "cosSchemaVersion": "1.0",
        "cosObject": {
            "url": f"http://{target.host}/{quote(target.key, errors='surrogateescape')}",
            "meta": {"x-cos-request-id": request_id, "Content-Type": stored.content_type, **meta},
            "vid": stored.version,
            "key": f"/{app_id}/{name}/{target.key}",
            "size": len(stored.body),
        },
        "cosBucket": {"region": short, "name": name, "appid": app_id},
        "cosNotificationId": "unkown",  # the vendor's own spelling
    }
    event = {
        "eventName": f"cos:ObjectCreated:{how}",
        "eventVersion": "1.0",
        "eventTime": int(stored.created_at),
        "eventSource": "qcs::cos",
        "requestParameters": {
            "requestSourceIP": caller,
            "requestHeaders": {"Authorization": authorization},
        },
        "eventQueue": f"qcs:0:lambda:{short}:appid/{app_id}:default.function.$LATEST",
        "reservedInfo": "",
        "reqid": secrets.randbelow(2**31),
    }
    return {"Records": [{"cos": cos, "event": event}]}
