"""The exit status of a command, for every `python -m` of tools and bench."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

from tools.processes import Stop, ToolError, UsageError, stop_on_signals


def exit_status(command: Callable[[], int]) -> int:
    """Runs a command, reports its failure on standard error and returns the exit status.

    Returns:
        The command's own status; 1 after a failure; 2 if its arguments are not valid; 130 after
        Ctrl-C; 143 after SIGTERM.
    """
    stop_on_signals()
    try:
        return command()
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except (ToolError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Stop as stop:
        return 128 + signal.Signals[str(stop)]
