"""What a run costs for a thousand verifications: its counts times the prices of docs/prices.json.

What a simulation does not count (files to the vendor, storage, log lines) is what `make docs`
assumes in the tables of docs/costs.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from simulator.answer import Answer
from tools.docs import costs

THOUSAND = 1000

_CHANGES_OF_AN_ENDPOINT = 2
"""Of its row, for each delivery: a permit is taken and given back."""


_OF_A_MANIFEST = costs.DATA["counts"]["of_the_manifest"]
"""No client of a simulation has a key of evidence. The tables of the documentation have a signed
manifest for each verification."""


class CostAnswer(Struct, frozen=True, tag_field="answer", tag="cost"):
    """An item of the bill for a thousand verifications.

    Attributes:
        counted: by the simulation; False for what the tables of the documentation assume.
        usd: None while the price is not known.
    """

    item: str
    units: float
    counted: bool
    usd: float | None


class UnknownItem(Exception):
    """The tables of costs have no such item."""


def of_thousand(cloud: str, answer: Answer) -> tuple[CostAnswer, ...]:
    """The items of a thousand such verifications, without what a month costs in itself."""
    offered = sum(check.offered for check in answer.checks)
    counted = {
        item: units * THOUSAND / max(1, offered)
        for item, units in (_aws if cloud == "aws" else _tencent)(answer).items()
    }
    lines = costs.lines(cloud, "thousand")
    missing = set(counted) - {line.what for line in lines}
    if missing:
        raise UnknownItem(f"docs/prices.json has no item {', '.join(sorted(missing))}")
    items = []
    for line in lines:
        units = counted.get(line.what, line.units)
        usd = costs.Line(line.what, units, line.price).usd
        items.append(CostAnswer(line.what, round(units, 3), line.what in counted, _round(usd)))
    return tuple(items)


def together(items: tuple[CostAnswer, ...]) -> float:
    """US dollars of all items whose price is known."""
    return round(sum(item.usd or 0.0 for item in items), 4)


def _aws(answer: Answer) -> Mapping[str, float]:
    use = answer.use
    return {
        "Lambda, GB-seconds": _gb_seconds(answer),
        "Lambda, runs": _runs(answer),
        "DynamoDB, written": use.write_units + _manifests(answer) * _OF_A_MANIFEST["write_units"],
        "DynamoDB, read": use.record_reads,
        "SQS, requests": use.messages * 3,
        "SQS, fair queues": use.grouped_messages * 3,
    }


def _tencent(answer: Answer) -> Mapping[str, float]:
    use = answer.use
    seconds = costs.DATA["assumptions"]["seconds_of_a_core_per_statement"]
    manifests = _manifests(answer)
    statements = use.record_writes + use.record_reads + use.quota_writes
    statements += manifests * _OF_A_MANIFEST["record_writes"]
    of_a_delivery = costs.DATA["counts"]["endpoint_statements"]
    statements += of_a_delivery / _CHANGES_OF_AN_ENDPOINT * use.endpoint_writes
    return {
        "SCF, GBs": _gb_seconds(answer),
        "SCF, runs": _runs(answer),
        "COS, requests": use.bucket_requests + manifests * _OF_A_MANIFEST["puts"],
        "database, work": statements * seconds,
    }


def _manifests(answer: Answer) -> int:
    """One of each decision."""
    return sum(check.decided for check in answer.checks)


def _gb_seconds(answer: Answer) -> float:
    """Of all functions but the sweep, which runs without verifications as well."""
    return sum(use.gb_seconds for name, use in answer.use.functions.items() if name != "sweep")


def _runs(answer: Answer) -> float:
    return sum(use.runs for name, use in answer.use.functions.items() if name != "sweep")


def _round(usd: float | None) -> float | None:
    return None if usd is None else round(usd, 6)
