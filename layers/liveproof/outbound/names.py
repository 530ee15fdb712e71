"""Looking up names, no longer than there is time."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading

from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import NeverSent


def addresses_of(host: str, port: int, deadline: Deadline) -> tuple[str, ...]:
    """Every address of a host, in the system's order.

    The system's resolver takes no timeout. A thread waits for it, and is left behind when it does
    not answer in time.

    Raises:
        NeverSent: there is none, or the resolver did not answer in time.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return (host,)
    answers: queue.SimpleQueue[tuple[str, ...] | None] = queue.SimpleQueue()
    asking = threading.Thread(target=_ask, args=(host, port, answers), daemon=True)
    asking.start()
    try:
        found = answers.get(timeout=deadline.left)
    except queue.Empty:
        raise NeverSent("timed_out") from None
    if not found:
        raise NeverSent("name_not_resolved")
    return found


def _ask(host: str, port: int, answers: queue.SimpleQueue[tuple[str, ...] | None]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):  # ValueError: a name that IDNA refuses, or with a NUL
        answers.put(None)
        return
    answers.put(tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))
