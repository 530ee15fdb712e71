"""Send a decision's webhook again."""

from __future__ import annotations

from liveproof.runtime import http_function

handler = http_function("resend_result")
