"""`make contract`: the contract test with more requests, on each local cloud."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from tests.contract.contract import SEED, examine
from tools.local.cloud import CLOUDS, run_cloud


@click.command()
@click.option("--examples", default=50, show_default=True, help="Requests per operation.")
@click.option("--seed", default=SEED, show_default=True, help="Other requests for another number.")
def main(examples: int, seed: int) -> None:
    """Hold the HTTP API of both local clouds against docs/openapi.json.

    CLOUD=aws or CLOUD=tencent takes one of them.
    """
    worst = 0
    for name in [os.environ["CLOUD"]] if os.environ.get("CLOUD") else CLOUDS:
        with run_cloud(name) as cloud, tempfile.TemporaryDirectory() as folder:
            phases = "examples,coverage,fuzzing,stateful"
            status, report = examine(
                *(cloud.api, cloud.api_key, Path(folder)),
                examples=examples,
                phases=phases,
                seed=seed,
            )
        click.echo(report)
        click.echo(f"contract on {name}: {'nothing was found' if status == 0 else 'see above'}")
        worst = max(worst, status)
    sys.exit(worst)


if __name__ == "__main__":
    main()
