"""`python -m local up|demo|package`: what the make targets call."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys

from local import cloud, demo, scenarios, wheels
from local.aws import layer
from local.aws import package as aws_package
from local.node import NodeError
from local.own_files import OwnFiles
from local.parameters import pairs
from local.processes import LocalCloudError, Misused, Stop, stop_on_signals
from local.tencent import package as tencent_package

_PACKAGED_FOR = {layer.LAMBDA_PYTHON: "AWS", tencent_package.PYTHON: "Tencent Cloud"}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="the local cloud, until Ctrl-C")
    up.add_argument(
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a param of serverless.yml, or a variable of infra/tencent",
    )
    commands.add_parser("demo", help="real files through every check")
    commands.add_parser("package", help="what a deployment uploads, in build/")
    return parser.parse_args()


def _cloud() -> str:
    """The cloud to play. Raises Misused for one that there is none of."""
    wanted = os.environ.get("CLOUD") or "aws"
    if wanted not in cloud.CLOUDS:
        raise Misused(
            f"CLOUD={wanted}: there is no such local cloud; CLOUD={' or '.join(cloud.CLOUDS)}"
        )
    return wanted


def _up(parameters: list[str]) -> int:
    with cloud.running(_cloud(), pairs(parameters)) as running:
        print(json.dumps(running.document()), flush=True)
        cloud.say(f"console: {running.console}   (Ctrl-C stops everything)")
        cloud.stay_up(running)
    return 0


def _demo() -> int:
    name = _cloud()
    own = OwnFiles.of(os.environ)
    own.require_use()
    asked = scenarios.every(demo.nonce(), own)
    with cloud.running(name) as running:
        return demo.run(running, asked, own.notes())


def main() -> int:
    """Runs a command; 130 after Ctrl-C, 143 after SIGTERM; after a failure that was reported 1, or
    2 if the command cannot be meant so."""
    arguments = _arguments()
    stop_on_signals()
    try:
        if arguments.command == "up":
            return _up(arguments.param)
        if arguments.command == "demo":
            return _demo()
        for version, cloud_name in _PACKAGED_FOR.items():
            if wheels.interpreter(version) is None:
                cloud.say(
                    f"There is no python{version} here: what is packed for {cloud_name} gets no"
                    " bytecode, and its functions start more slowly."
                )
        print(aws_package.package())
        print(tencent_package.package())
        return 0
    except Misused as error:
        print(error, file=sys.stderr)
        return 2
    except (LocalCloudError, NodeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Stop as stop:
        return 128 + signal.Signals[str(stop)]


if __name__ == "__main__":
    sys.exit(main())
