"""Every so often: ask for the steps that are due."""

from __future__ import annotations

from liveproof.runtime import scheduled_function
from liveproof.use_cases.sweep import sweep

handler = scheduled_function(sweep)
