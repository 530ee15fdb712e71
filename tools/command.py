"""How a command of these tools ends."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

from tools.packaging.node import NodeError
from tools.processes import LocalCloudError, Misused, Stop, stop_on_signals


def exit_status(command: Callable[[], int]) -> int:
    """Runs a command and reports its failure; 130 after Ctrl-C, 143 after SIGTERM; after a failure
    that was reported 1, or 2 if the command's arguments are not valid."""
    stop_on_signals()
    try:
        return command()
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
