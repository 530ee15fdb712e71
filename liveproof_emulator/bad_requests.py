"""Requests that are no HTTP: answered with 400, and not logged."""

from __future__ import annotations

import logging

from aiohttp.http_exceptions import HttpProcessingError


class LeaveOut(logging.Filter):
    """Leaves out aiohttp's lines about requests that it could not read: they hold their headers."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


LOGGER = logging.getLogger("liveproof.requests")
"""For `aiohttp.web.AppRunner`'s `logger`."""
LOGGER.addFilter(LeaveOut())
