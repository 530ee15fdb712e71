"""`python -m tools.local` (`make local`): the local cloud, until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import os
import sys

from tools.command import exit_status
from tools.local import cloud, next_steps
from tools.local.clients import local_clients
from tools.parameters import pairs


def _local() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.local", description=__doc__)
    parser.add_argument(
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a param of serverless.yml, or a variable of infra/tencent",
    )
    parser.add_argument(
        "--webhook",
        action="append",
        default=[],
        metavar="[NAME=]URL",
        help="hand webhooks on to your own receiver; NAME adds a client with an API key of its own",
    )
    parser.add_argument(
        "--webhook-secret",
        action="append",
        default=[],
        metavar="[NAME=]SECRET",
        help="sign with this whsec_ or whsk_ and not with a new one",
    )
    options = parser.parse_args()
    clients = local_clients(options.webhook, options.webhook_secret)
    parameters = pairs(options.param)
    with cloud.run_cloud(cloud.choose(os.environ), parameters, clients) as local_cloud:
        print(json.dumps(local_cloud.document()), flush=True)
        cloud.say(next_steps.block(local_cloud))
        cloud.stay_up(local_cloud)
    return 0


if __name__ == "__main__":
    sys.exit(exit_status(_local))
