"""What runs inside a container: imports the handler, then takes one event after another.

Run as a script with nothing of this project on its path but the function's own code:
`bootstrap.py CHANNEL HANDLER`. CHANNEL is the number of an open socket; on it go messages of four
bytes of length and JSON, so that whatever the handler prints cannot be taken for an answer.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any, BinaryIO


def _read(channel: BinaryIO) -> Any:
    head = channel.read(4)
    if len(head) < 4:
        raise SystemExit(0)  # the platform is gone
    return json.loads(channel.read(int.from_bytes(head, "big")))


def _send(channel: BinaryIO, text: str) -> None:
    data = text.encode()
    channel.write(len(data).to_bytes(4, "big") + data)
    channel.flush()


def _failed(error: BaseException) -> str:
    import traceback

    traceback.print_exception(type(error), error, error.__traceback__)
    return json.dumps({"error": type(error).__name__, "message": str(error)})


def main() -> None:
    """Serves until the platform closes the channel."""
    number, handler_name = int(sys.argv[1]), sys.argv[2]
    os.set_inheritable(number, False)
    incoming, outgoing = os.fdopen(number, "rb"), os.fdopen(os.dup(number), "wb")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text file
    module, _, function = handler_name.rpartition(".")
    sys.argv = [handler_name]
    try:
        handler = getattr(importlib.import_module(module), function)
    except BaseException as error:  # noqa: BLE001 - reported; the container is useless
        _send(outgoing, _failed(error))
        raise SystemExit(1) from None
    _send(outgoing, "{}")
    while True:
        message = _read(incoming)
        try:
            answer = json.dumps({"value": handler(message["event"], message["context"])})
        except Exception as error:  # noqa: BLE001 - reported as the failure
            answer = _failed(error)
        sys.stdout.flush()
        sys.stderr.flush()
        _send(outgoing, answer)


if __name__ == "__main__":
    sys.path[0] = os.environ["USER_CODE_ROOT"]  # in the place of this script's own folder
    main()
