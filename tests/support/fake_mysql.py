"""As much of a MySQL 8 server as a login takes: `caching_sha2_password`, with and without TLS."""

from __future__ import annotations

import socket
import ssl
import struct
from dataclasses import dataclass, field

_SSL = 1 << 11
# Long passwords, a database at once, protocol 4.1, transactions, secure connection, plugins.
_CAPABILITIES = 1 | 1 << 3 | 1 << 9 | 1 << 13 | 1 << 15 | 1 << 19 | 1 << 21
_AUTOCOMMIT = 2
_OK = b"\x00\x00\x00" + struct.pack("<HH", _AUTOCOMMIT, 0)
_FULL_AUTHENTICATION = b"\x01\x04"
_SALT = bytes(range(1, 21))


@dataclass
class FakeMysql:
    """Serves one connection at a time, for `tests.support.servers.serving`.

    Attributes:
        tls: None offers no TLS.
        seen: everything that came unencrypted.
        passwords: what was sent as the password, in full.
        statements: the commands after the login.
    """

    tls: ssl.SSLContext | None
    seen: bytearray = field(default_factory=bytearray)
    passwords: list[bytes] = field(default_factory=list)
    statements: list[bytes] = field(default_factory=list)

    def serve(self, connection: socket.socket) -> None:
        capabilities = _CAPABILITIES | (_SSL if self.tls else 0)
        greeting = (
            b"\x0a8.0.36\x00"
            + struct.pack("<I", 1)
            + _SALT[:8]
            + b"\x00"
            + struct.pack("<HBHH", capabilities & 0xFFFF, 255, _AUTOCOMMIT, capabilities >> 16)
            + bytes([len(_SALT) + 1])
            + bytes(10)
            + _SALT[8:]
            + b"\x00caching_sha2_password\x00"
        )
        _send(connection, 0, greeting)
        number, answer = _receive(connection)
        self.seen += answer
        if self.tls and struct.unpack("<I", answer[:4])[0] & _SSL:
            connection = self.tls.wrap_socket(connection, server_side=True)
            number, answer = _receive(connection)
        _send(connection, number + 1, _FULL_AUTHENTICATION)
        number, password = _receive(connection)
        self.passwords.append(password)
        if not self.tls:
            return
        _send(connection, number + 1, _OK)
        while True:
            _, command = _receive(connection)
            if not command or command[0] == 1:  # COM_QUIT
                connection.close()
                return
            self.statements.append(command[1:])
            _send(connection, 1, _OK)


def _send(connection: socket.socket, number: int, payload: bytes) -> None:
    connection.sendall(struct.pack("<I", len(payload))[:3] + bytes([number]) + payload)


def _receive(connection: socket.socket) -> tuple[int, bytes]:
    head = _exactly(connection, 4)
    if not head:
        return 0, b""
    return head[3], _exactly(connection, head[0] | head[1] << 8 | head[2] << 16)


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            return b""
        received += part
    return received
