"""The same verification by curl, for a local cloud that stays up."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from liveproof_client import models

# curl's configuration for an entry of `uploads`: its URL and its headers.
_CONFIGURE = (
    'import json, sys; u = json.load(open("created.json"))["uploads"][sys.argv[1]]; '
    'print("url = " + json.dumps(u["url"])); '
    '[print("header = " + json.dumps(f"{k}: {v}")) for k, v in u["headers"].items()]'
)
_ID = """$(python3 -c 'import json; print(json.load(open("created.json"))["id"])')"""
_CURL = "curl --silent --show-error --fail-with-body"
_KEY = '--header "Authorization: Bearer $API_KEY"'


def commands(body: models.CreateVerification, paths: Mapping[str, str]) -> str:
    """Lines for a shell in which API and API_KEY are set.

    Args:
        body: of the request.
        paths: of the files, by input.
    """
    lines = [
        f"{_CURL} --output created.json {_KEY} \\",
        f"  --header 'Content-Type: application/json' --data {shlex.quote(json.dumps(body))} \\",
        '  "$API/v1/verifications"',
    ]
    for name in body["inputs"]:
        file = shlex.quote(paths[name])
        lines += [
            f"python3 -c {shlex.quote(_CONFIGURE)} {name} > {name}.curl",
            f"{_CURL} --config {name}.curl --upload-file {file}",
        ]
    lines.append(f'{_CURL} {_KEY} "$API/v1/verifications/{_ID}"')
    return "\n".join(lines)
