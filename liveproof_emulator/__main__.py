"""`python -m liveproof_emulator`: serves until SIGTERM or SIGINT; its first line is JSON."""

import argparse
import asyncio
import json
import signal
import sys

from liveproof_emulator.keys import Key, Keys, new_key
from liveproof_emulator.senseid import service
from liveproof_emulator.senseid.cipher import Cipher, published
from liveproof_emulator.server import Emulator


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m liveproof_emulator",
        description="Tencent Face ID, COS and SenseID, for development and tests",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, default=0, help="0 takes a free one")
    parser.add_argument("--secret-id", help="of the account's key; random if left out")
    parser.add_argument("--secret-key", help="of the account's key; random if left out")
    parser.add_argument("--senseid-key", default=published().key, help="32 characters")
    parser.add_argument("--senseid-iv", default=published().iv, help="12 characters")
    parser.add_argument(
        "--calls-per-second",
        type=_limit,
        action="append",
        default=[],
        metavar="ACTION=N",
        help="another limit than the documented one; may be repeated",
    )
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: it has to be 0 to 65535")
    return int(text)


def _limit(text: str) -> tuple[str, int]:
    action, _, limit = text.partition("=")
    if not limit.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no limit: it has to be ACTION=N")
    return action, int(limit)


def _log(line: dict[str, object]) -> None:
    print(json.dumps(line), file=sys.stderr, flush=True)


async def _serve(arguments: argparse.Namespace) -> None:
    random = new_key()
    account = Key(
        arguments.secret_id or random.secret_id, arguments.secret_key or random.secret_key
    )
    keys = Keys(account=account)
    cipher = Cipher(arguments.senseid_key, arguments.senseid_iv)
    emulator = Emulator(keys, _log, dict(arguments.calls_per_second), cipher)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    url = await emulator.start(arguments.host, arguments.port)
    first = {
        "url": url,
        "secret_id": account.secret_id,
        "secret_key": account.secret_key,
        "temporary": {
            "secret_id": keys.temporary.secret_id,
            "secret_key": keys.temporary.secret_key,
            "token": keys.temporary.token,
        },
        "senseid_url": url + service.PREFIX,
        "senseid_key": cipher.key,
        "senseid_iv": cipher.iv,
    }
    print(json.dumps(first), flush=True)
    await stop.wait()
    await emulator.stop()


def main() -> int:
    """Run; 0 after a signal, 1 if it cannot start, with the reason on standard error."""
    try:
        asyncio.run(_serve(_arguments()))
    except (OSError, ValueError) as problem:
        print(f"emulator: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
