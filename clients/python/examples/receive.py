"""Receives webhooks with the standard library; a web framework does the same with its own words.

WEBHOOK_SECRET=whsec_... PORT=4000 python receive.py
"""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from liveproof_client.webhooks import WebhookVerificationError, verify_webhook


class Receiver(BaseHTTPRequestHandler):
    """Answers first and works later; a message may arrive twice: remember the webhook-id."""

    timeout = 10  # seconds without a byte

    def do_POST(self) -> None:
        """Takes one webhook."""
        # Anybody can send to this port: a length may be missing, negative or huge.
        length = self.headers.get("Content-Length", "")
        is_length = length.isdecimal() and len(length) < 10
        body = self.rfile.read(min(int(length), 65536)) if is_length else b""
        try:
            event = verify_webhook(body, dict(self.headers), os.environ["WEBHOOK_SECRET"])
        except (WebhookVerificationError, ValueError):
            self.send_response(401)
        else:
            print(event["type"], event["data"].get("id"), flush=True)
            self.send_response(204)
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver).serve_forever()
