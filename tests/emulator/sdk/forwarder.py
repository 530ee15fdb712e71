"""Somebody on the way between an SDK and the emulator, who may change bodies."""

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Forwarder:
    """Hands requests on as they came, with `change` applied to every body that is not empty."""

    def __init__(self, upstream: str) -> None:
        self.change: Callable[[bytes], bytes] = lambda body: body
        forwarder = self

        class Handler(BaseHTTPRequestHandler):
            def _hand_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                changed = forwarder.change(body) if body else body
                headers = dict(self.headers.items())
                if body:
                    headers["Content-Length"] = str(len(changed))
                connection = http.client.HTTPConnection(upstream, timeout=30)
                try:
                    connection.putrequest(
                        self.command, self.path, skip_host=True, skip_accept_encoding=True
                    )
                    for name, value in headers.items():
                        connection.putheader(name, value)
                    connection.endheaders(changed)
                    reply = connection.getresponse()
                    received = reply.read()
                finally:
                    connection.close()
                self.send_response_only(reply.status)
                for name, value in reply.getheaders():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(received)

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _hand_on  # noqa: N815

            def log_message(self, format: str, *values: Any) -> None:
                del format, values

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def endpoint(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Forwarder":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
