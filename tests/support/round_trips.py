"""The round trips of functions in this process: HTTP exchanges, SQL statements and commits."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from unittest import mock

from liveproof.clouds.tencent.sql.session import Done, Session
from liveproof.outbound import exchange
from liveproof.outbound.urls import Target


class RoundTrip(NamedTuple):
    """One of them.

    Attributes:
        what: the operation or action of an API, `METHOD service` of HTTP, the verb and table of a
            statement, or COMMIT.
        is_beside: another one of the same function is waited for at the same time.
    """

    what: str
    is_beside: bool


@contextmanager
def noted() -> Iterator[list[RoundTrip]]:
    """Every round trip until the block ends, in the order in which they were answered."""
    trips: list[RoundTrip] = []
    send, run, commit = exchange._send_and_read_head, Session._run, Session.commit

    def note(what: str) -> None:
        is_beside = threading.current_thread() is not threading.main_thread()
        trips.append(RoundTrip(what, is_beside))

    def sent(connection: Any, method: str, target: Target, headers: Any, *rest: Any) -> Any:
        answer = send(connection, method, target, headers, *rest)
        note(_name(method, target, headers))
        return answer

    def ran(session: Session, statement: str, values: tuple[Any, ...]) -> Done:
        try:
            return run(session, statement, values)
        finally:
            note(_statement(statement))

    def committed(session: Session) -> None:
        commit(session)
        note("COMMIT")

    with ExitStack() as patched:
        for owner, name, replacement in (
            (exchange, "_send_and_read_head", sent),
            (Session, "_run", ran),
            (Session, "commit", committed),
        ):
            patched.enter_context(mock.patch.object(owner, name, replacement))
        yield trips


def _name(method: str, target: Target, headers: Mapping[str, str]) -> str:
    action = headers.get("X-Amz-Target", headers.get("X-TC-Action"))
    if action is not None:
        return action.rpartition(".")[2]
    place = "vendor" if "/cos/faceid-" in target.path else target.path.split("/")[1]
    return f"{method} {place}"


def _statement(statement: str) -> str:
    words = statement.replace("(", " ").split()
    verb = words[0].upper()
    if verb in ("INSERT", "UPDATE", "DELETE"):
        return f"{verb} {words[1 if verb == 'UPDATE' else 2]}"
    return f"{verb} {words[words.index('FROM') + 1]}" if "FROM" in words else verb
