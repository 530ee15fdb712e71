"""Create verifications and presign their uploads."""

from __future__ import annotations

from liveproof.runtime import http_function

handler = http_function("create_upload")
