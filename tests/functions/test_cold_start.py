"""A cold start costs less than the SDK that it does without, on the same machine, a moment apart.

`make bench` measures more, and more exactly. The goals here leave room for a busy machine.
"""

from __future__ import annotations

import pytest

from bench.cold_start import cold_import
from bench.cold_start.cold_import import Side
from bench.interpreters import run_interleaved

_RUNS = 5
# Of importing boto3 and making one client; measured: 0.3 to 0.45.
MOST_OF_BOTO3 = {"create_upload": 0.8, "run_check": 1.0}


@pytest.fixture(scope="module")
def aws() -> Side:
    """The programs that `make bench` runs."""
    return cold_import.aws()


def test_importing_a_handler_costs_less_than_a_client_of_boto3(aws: Side) -> None:
    handlers = {name: aws.handlers[name] for name in MOST_OF_BOTO3}
    # The shortest of each: the other tests' load on this machine only ever adds time.
    taken = run_interleaved({"": aws.floor, **handlers}, _RUNS, min)

    ratios = {name: taken[name] / taken[""] for name in handlers}
    assert all(ratios[name] <= most for name, most in MOST_OF_BOTO3.items()), ratios
