"""Show a client's verifications."""

from __future__ import annotations

from liveproof.runtime import http_function

handler = http_function("read_verification")
