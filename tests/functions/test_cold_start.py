"""A cold start costs less than the SDK that it does without, on the same machine, a moment apart.

`make bench` measures more. What counts here is the processor's time, and not the time that passes:
the other tests' load on this machine adds to that.
"""

from __future__ import annotations

import pytest

from bench.cold_start import cold_import
from bench.interpreters import run_interleaved
from tools.local.tencent import unpacked

_RUNS = 7
# Of importing the SDK and making its clients. Measured alone: 0.3 to 0.48; 0.97 to 1.25 for `api`,
# and 0.88 to 1.13 for `run_check`.
MOST_OF_SDK = {
    "aws": {"create_upload": 0.6, "run_check": 0.6},
    "tencent": {"api": 1.5, "run_check": 1.5},
}


@pytest.mark.parametrize("cloud", MOST_OF_SDK)
def test_importing_a_handler_costs_little_beside_the_clouds_sdk(cloud: str) -> None:
    with unpacked.code() as packages:
        side = cold_import.aws() if cloud == "aws" else cold_import.tencent(packages)
        handlers = {name: side.handlers[name] for name in MOST_OF_SDK[cloud]}
        taken = run_interleaved({"": side.floor, **handlers}, _RUNS, min, "process_time")

    ratios = {name: taken[name] / taken[""] for name in handlers}
    assert all(ratios[name] <= most for name, most in MOST_OF_SDK[cloud].items()), ratios
