"""Make the paid call of a verification and take its decision."""

from __future__ import annotations

from liveproof.runtime import step_function
from liveproof.use_cases.run_check import require_times, run_check

handler = step_function(run_check, require=require_times)
