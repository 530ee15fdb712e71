"""Runs one event through the handler of an unpacked package, as SCF does: nothing else is there.

Run by `test_tencent_package_runs.py` with SCF's Python. Standard input: JSON with `folder`,
`environment`, `event`, `context` and `also`, the names of more to do (below). The last line of
standard output is JSON: what came of it, and every name that was imported in vain.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

UNFOUND: list[str] = []


class Unfound:
    """The last finder: it is asked only for modules that no other finder has."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        UNFOUND.append(name)


def encrypt() -> int:
    """SenseID's format, with a tag at its end."""
    import io

    from liveproof.vendors.senseid.encryption import append_encrypted

    form = bytearray()
    stream: Any = io.BytesIO(b"bytes" * 1000)
    append_encrypted(form, stream, b"k" * 32, b"i" * 12)
    return len(form)


def sign() -> int:
    """A webhook's signature of version `v1a`."""
    import base64

    from liveproof.webhooks.keys import parse_key

    key = parse_key("whsk_" + base64.b64encode(b"s" * 32).decode())
    return len(key.sign(b"body"))


def connect() -> int:
    """PyMySQL's way to a server that is not there."""
    import pymysql

    try:
        pymysql.connect(host="127.0.0.1", port=1, user="u", password=b"p", connect_timeout=1)
    except pymysql.Error as error:
        return int(error.args[0])
    return 0


def main() -> None:
    job = json.load(sys.stdin)
    sys.path.insert(0, job["folder"])
    sys.meta_path.append(Unfound)
    os.environ.clear()
    os.environ.update(job["environment"])
    handler = __import__("handler").handler
    report = {"returned": handler(job["event"], job["context"]) if job["event"] else None}
    for name in job["also"]:
        report[name] = globals()[name]()
    report["unfound"] = sorted(set(UNFOUND))
    report["outside"] = [
        name
        for name, module in sys.modules.items()
        if name.partition(".")[0] not in (*sys.stdlib_module_names, "__main__")
        and not (getattr(module, "__file__", None) or job["folder"]).startswith(job["folder"])
    ]
    sys.stdout.write(json.dumps(report) + "\n")


main()
