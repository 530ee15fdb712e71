"""The exit status of a command, for every `python -m` of tools and bench."""

from __future__ import annotations

import errno
import signal
import sys
from collections.abc import Callable

from tools.processes import Stop, ToolError, UsageError, stop_on_signals


def exit_status(command: Callable[[], int], *failures: type[Exception]) -> int:
    """Runs a command, reports its failure on standard error and returns the exit status.

    Args:
        failures: what else is reported by its text alone, beside ToolError and OSError.

    Returns:
        The command's own status; 1 after a failure; 2 if its arguments are not valid; 130 after
        Ctrl-C; 143 after SIGTERM.
    """
    reported: tuple[type[Exception], ...] = (ToolError, *failures)
    stop_on_signals()
    try:
        return command()
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(_cannot_be_written(error) or error, file=sys.stderr)
        return 1
    except reported as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Stop as stop:
        return 128 + signal.Signals[str(stop)]


def _cannot_be_written(error: OSError) -> str | None:
    """The way out of a checkout that is read-only; None for another failure."""
    if error.errno not in (errno.EROFS, errno.EACCES, errno.EPERM) or error.filename is None:
        return None
    return (
        f"{error.filename}: {error.strerror}. liveproof's tools write into build/ of their"
        " checkout: clone it into a folder that you may write"
    )
