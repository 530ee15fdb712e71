"""`python -m tools.packaging` (`make package`): what a deployment uploads, in build/."""

from __future__ import annotations

import sys

from tools.command import exit_status
from tools.packaging import wheels
from tools.packaging.aws import layer, template
from tools.packaging.tencent import zips

_PACKAGED_FOR = {layer.LAMBDA_PYTHON: "AWS", zips.PYTHON: "Tencent Cloud"}


def _package() -> int:
    for version, cloud in _PACKAGED_FOR.items():
        if wheels.interpreter(version) is None:
            print(
                f"There is no python{version} here: what is packed for {cloud} gets no bytecode,"
                " and its functions start more slowly.",
                file=sys.stderr,
            )
    print(template.package())
    print(zips.package())
    return 0


if __name__ == "__main__":
    sys.exit(exit_status(_package))
