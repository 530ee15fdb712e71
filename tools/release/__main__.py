"""`python -m tools.release` (`make release`): everything of a release, in build/release."""

from __future__ import annotations

import sys

from tools.command import exit_status
from tools.processes import ToolError
from tools.release import building, distributions, licences, sbom

_REFUSALS = (distributions.LicenceUnknown, licences.NotAllowed, sbom.NotLocked, ToolError)


def main() -> int:
    """Build; 1 with a sentence if the release is refused."""
    try:
        print(building.build())
    except _REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(exit_status(main))
