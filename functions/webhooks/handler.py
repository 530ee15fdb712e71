"""What consumers ask about webhooks; the one function of the API that reads the signing keys."""

from __future__ import annotations

from liveproof.runtime import http_function

handler = http_function("webhooks", for_operators=True)
