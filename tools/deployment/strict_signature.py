"""Switches COS's strict signature on for uploads into a bucket, which Terraform's provider cannot.

From then on COS refuses a PutObject whose URL or header signs less than it carries: an access
list, a storage class, a key of the client's own, a source to copy from, any query parameter.

`python -m tools.deployment.strict_signature BUCKET REGION`, with the key of Terraform's user in
TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY. Source: 436/53889 and 436/53892 (2023-07).
"""

from __future__ import annotations

import argparse
import os
import sys

from tools.command import exit_status
from tools.deployment import cos_settings
from tools.processes import ToolError

_SETTING = "strict-signature"
# PutObject only: Terraform's own requests to the bucket sign less.
RULE = b"""<StrictSignatureConfiguration><Rule><ID>uploads</ID>\
<actionlist><action>PutObject</action></actionlist>\
<headerlist><header>Host</header><header>Content-Length</header><header>Content-Type</header>\
<header>Content-MD5</header><header>x-cos-*</header></headerlist>\
<paramlist><param>all</param></paramlist></Rule></StrictSignatureConfiguration>"""


class NotSwitchedOn(ToolError):
    """COS refused the rule, or did not keep it; the text is COS's answer."""


def switch_on(origin: str, secret_id: str, secret_key: str) -> str:
    """Puts the rule, reads it back and returns what COS keeps.

    Args:
        origin: the bucket's URL without a slash at the end.

    Raises:
        NotSwitchedOn: any answer but the rule.
        OSError: no answer.
    """
    put = cos_settings.request(origin, "PUT", _SETTING, secret_id, secret_key, RULE)
    if put.status != 200:
        raise NotSwitchedOn(f"COS answered {put.status}: {put.body.decode(errors='replace')}")
    answer = cos_settings.request(origin, "GET", _SETTING, secret_id, secret_key)
    text = answer.body.decode(errors="replace")
    if answer.status != 200 or "PutObject" not in text or "x-cos-*" not in text:
        raise NotSwitchedOn(f"COS answered {answer.status} and keeps no such rule: {text}")
    return text


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.deployment.strict_signature")
    parser.add_argument("bucket", help="the bucket's full name, with the APPID")
    parser.add_argument("region")
    arguments = parser.parse_args()
    try:
        secret_id = os.environ["TENCENTCLOUD_SECRET_ID"]
        secret_key = os.environ["TENCENTCLOUD_SECRET_KEY"]
    except KeyError as missing:
        raise ToolError(f"{missing.args[0]} is not set") from None
    origin = f"https://{arguments.bucket}.cos.{arguments.region}.myqcloud.com"
    try:
        print(switch_on(origin, secret_id, secret_key))
    except (NotSwitchedOn, OSError) as error:
        raise ToolError(f"the strict signature is not on: {error}") from None
    return 0


if __name__ == "__main__":
    sys.exit(exit_status(main))
