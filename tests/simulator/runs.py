"""Runs of plans for tests."""

from __future__ import annotations

from typing import Any

from simulator.answer import Answer, build_answer
from simulator.latency import Percentiles
from simulator.plan import Cloud, Plan, burst
from simulator.simulation import Simulation

QUICK = Percentiles(400, 600)
"""A vendor that answers soon, so that a short burst is as good as a long one."""


def plan(cloud: Cloud, count: int = 40, **changes: Any) -> Plan:
    """A burst of `reflect` at five a second."""
    values: dict[str, Any] = {
        "arrivals": tuple(burst(count, "reflect", {"shop": 1.0})),
        "quota": {"reflect": 5.0},
        "latency": {"reflect": QUICK},
    }
    return Plan(cloud=cloud, **{**values, **changes})


def run(plan: Plan) -> Simulation:
    """The simulation after its run."""
    simulation = Simulation(plan)
    simulation.run()
    return simulation


def answer(plan: Plan) -> Answer:
    """What a run of the plan answers."""
    return build_answer(run(plan))
