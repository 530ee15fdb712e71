"""Looking up names, no longer than there is time."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading

from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import NeverSent


def look_up(host: str, port: int, deadline: Deadline) -> tuple[str, ...]:
    """Every address of a host, in the order of the system's resolver.

    The resolver takes no timeout. A thread waits for it; when it does not answer in time, the
    thread is abandoned.

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
    resolver = threading.Thread(target=_look_up_into, args=(host, port, answers), daemon=True)
    resolver.start()
    try:
        addresses = answers.get(timeout=deadline.left)
    except queue.Empty:
        raise NeverSent("timed_out") from None
    if not addresses:
        raise NeverSent("name_not_resolved")
    return addresses


def _look_up_into(host: str, port: int, answers: queue.SimpleQueue[tuple[str, ...] | None]) -> None:
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):  # ValueError: a name that IDNA refuses, or with a NUL
        answers.put(None)
        return
    answers.put(tuple(dict.fromkeys(str(info[4][0]) for info in infos)))
