"""Fetch light sequences for the mobile SDK."""

from __future__ import annotations

from liveproof.runtime import http_function

handler = http_function("create_reflect_sequence")
