"""Take a client's request to erase a verification."""

from __future__ import annotations

from liveproof.runtime import http_function

handler = http_function("delete_verification")
