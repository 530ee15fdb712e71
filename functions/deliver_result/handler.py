"""Send a decision to its webhook."""

from __future__ import annotations

from liveproof.runtime import step_function
from liveproof.use_cases.deliver_result import deliver_result

handler = step_function(deliver_result, preload=("liveproof.webhooks.sender",))
