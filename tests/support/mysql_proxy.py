"""A proxy before a MySQL server that breaks connections at a chosen statement."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tools.processes import wait_until


@dataclass
class Cut:
    """Break the connection at a statement with these bytes.

    Attributes:
        executed: whether the server gets the statement, and only its answer is lost.
        times: how often.
        late: the server gets it only when this is set, long after the client gave up.
    """

    statement: bytes
    executed: bool
    times: int = 1
    late: threading.Event | None = None


class MysqlProxy:
    """Passes connections on, unencrypted ones, and cuts as told.

    Attributes:
        cuts: what is still to be cut; tests add to it.
        made: how many cuts were made.
        connections: how many connections came.
        lost_answers: what the server said to statements whose answer was lost.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts: list[Cut] = []
        self.made = 0
        self.connections = 0
        self.lost_answers: list[bytes] = []
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in [*self._open]:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._server, 5) as server:
            self._open |= {client, server}
            with contextlib.suppress(OSError):
                self._pass_on(client, server)
            self._open -= {client, server}

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(client, selectors.EVENT_READ, server)
            waiting.register(server, selectors.EVENT_READ, client)
            while True:
                for ready, _ in waiting.select():
                    source, target = ready.fileobj, ready.data
                    assert isinstance(source, socket.socket)
                    data = source.recv(1 << 20)
                    if not data:
                        return
                    cut = self._cut(data) if source is client else None
                    if cut is not None:
                        self._break(cut, data, client, server)
                        return
                    target.sendall(data)

    def _break(self, cut: Cut, data: bytes, client: socket.socket, server: socket.socket) -> None:
        if cut.late is not None:
            client.shutdown(socket.SHUT_RDWR)
            cut.late.wait(10)
        if cut.executed:
            server.sendall(data)
            self.lost_answers.append(server.recv(1 << 20))  # it was executed; nobody is told

    def _cut(self, data: bytes) -> Cut | None:
        for cut in self.cuts:
            if cut.times > 0 and cut.statement in data:
                cut.times -= 1
                self.made += 1
                return cut
        return None


@contextmanager
def proxy(host: str, port: int) -> Iterator[MysqlProxy]:
    """A proxy for the length of a with block."""
    made = MysqlProxy(host, port)
    try:
        yield made
    finally:
        made.stop()


def wait_for(condition: Callable[[], object], seconds: float = 5.0) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if not wait_until(deadline, 0.005):
            return False
    return True
