"""Every probe in its order. What a probe raises is its verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, could_not_ask
from liveproof_cli.doctor.probe import Probe
from liveproof_cli.doctor.probes import (
    account,
    bucket_trigger,
    clock,
    dead_letters,
    endpoints,
    functions,
    limits,
    login,
    overdue,
    queues,
    region,
    schedule,
    secret_documents,
    settings,
    vendor,
    versions,
)

PROBES: tuple[Probe, ...] = tuple(
    module.PROBE
    for module in (
        login, functions, settings, region, secret_documents, vendor, clock, bucket_trigger,
        schedule, overdue, queues, dead_letters, account, limits, endpoints, versions,
    )
)  # fmt: skip
"""In the order in which they are asked: what explains others comes first."""


class Examined(NamedTuple):
    """A probe with one of its findings."""

    probe: Probe
    finding: Finding


def examine(examination: Examination, probes: Sequence[Probe]) -> Iterator[Examined]:
    """The findings of the probes, each as soon as it is there."""
    for probe in probes:
        if examination.deployment.cloud not in probe.clouds:
            continue
        try:
            for finding in probe.examine(examination):
                yield Examined(probe, finding)
        except Exception as error:  # noqa: BLE001 - on a broken deployment anything may fail
            says = examination.text(error)
            yield Examined(probe, could_not_ask(says, "mend that, and ask again."))
