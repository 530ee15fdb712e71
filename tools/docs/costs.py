"""What the infrastructure costs: counted units times quoted prices (docs/prices.json), as tables.

`make docs` writes the tables between the marks `costs` of docs/costs.md. No free tier is
subtracted, and the vendor's call is in none of them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from liveproof import facts
from liveproof.clouds.aws.items import due_partitions
from tools import ROOT
from tools.docs.alarms import alarms, tencent_alarms

DATA: dict[str, Any] = json.loads((ROOT / "docs" / "prices.json").read_text(encoding="utf-8"))
VERIFICATIONS = 1000
DAYS = 30
SWEEPS = {"aws": DAYS * 24 * 60, "tencent": DAYS * 24 * 60 * 3}
WAIT_SECONDS = 10
"""The longest that `run_check` waits for its slot in a burst; the function is paid meanwhile."""

_FUNCTIONS = {"create": {"aws": "createUpload", "tencent": "api"}}


@dataclass(frozen=True)
class Line:
    """An item of the bill: a number of units of a price of docs/prices.json."""

    what: str
    units: float
    price: dict[str, Any]

    @property
    def usd(self) -> float | None:
        """US dollars, or None while the price is not known."""
        if self.price["usd"] is None:
            return None
        return float(self.units * self.price["usd"] / self.price["per"])


def gigabytes_of_memory(cloud: str, function: str) -> float:
    """What a function is given and paid for, from the files that deploy it."""
    name = _FUNCTIONS.get(function, {}).get(cloud, function)
    if cloud == "tencent":
        functions = json.loads((ROOT / "infra/tencent/functions.json").read_text("utf-8"))
        return float(functions["functions"][name]["memory_mb"]) / 1024
    camel = re.sub(r"_(\w)", lambda match: match[1].upper(), name)
    text = (ROOT / "serverless.yml").read_text(encoding="utf-8")
    (default,) = re.findall(r"^  memorySize: (\d+)$", text, re.MULTILINE)
    (block,) = re.findall(rf"^  {camel}:\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    own = re.findall(r"^    memorySize: (\d+)$", block, re.MULTILINE)
    return float(own[0] if own else default) / 1024


def gb_seconds(cloud: str) -> float:
    """Of the functions of a thousand verifications that do not wait for a slot."""
    seconds = DATA["assumptions"]["seconds"]
    return VERIFICATIONS * sum(
        float(runs * seconds[function]) * gigabytes_of_memory(cloud, function)
        for function, runs in DATA["counts"]["runs"].items()
    )


def sweep_gb_seconds(cloud: str) -> float:
    """Of a month's sweeps."""
    seconds = DATA["assumptions"]["seconds"]["sweep"]
    return float(SWEEPS[cloud] * seconds * gigabytes_of_memory(cloud, "sweep"))


def lines(cloud: str, period: str) -> list[Line]:
    """The items of a thousand verifications (`thousand`) or of 30 days without one (`month`)."""
    prices = DATA["prices"][cloud]["of"]
    units = {"aws": _aws, "tencent": _tencent}[cloud](period)
    return [Line(what, amount, prices[price]) for what, amount, price in units]


def total(cloud: str, period: str) -> float:
    """US dollars, without what has no price."""
    return sum(line.usd or 0.0 for line in lines(cloud, period))


def burst(cloud: str) -> float:
    """US dollars more for a thousand verifications, each of which waits as long as one can."""
    price = DATA["prices"][cloud]["of"]
    rate = price["lambda_gb_second" if cloud == "aws" else "function_gb_second"]["usd"]
    memory = gigabytes_of_memory(cloud, "run_check")
    return float(VERIFICATIONS * WAIT_SECONDS * memory * rate)


_Units = list[tuple[str, float, str]]


def _stored() -> float:
    """GB-months of the files of a thousand verifications."""
    size, days = DATA["assumptions"]["megabytes"], DATA["assumptions"]["days"]
    return float(VERIFICATIONS / 1000 * sum(size[name] * days[name] / DAYS for name in size))


def _log_gb(per: str, times: int) -> float:
    return float(DATA["assumptions"]["log_kilobytes"][per] * times / 1e6)


def _aws(period: str) -> _Units:
    counts, assumed = DATA["counts"], DATA["assumptions"]
    n = VERIFICATIONS
    if period == "month":
        queues = 3 + len(facts.checks())
        polls = queues * assumed["polls_of_a_queue_per_minute"] * 60 * 24 * DAYS
        return [
            ("secrets", 4, "secret_month"),
            ("alarms", len(alarms()), "alarm_month"),
            ("metric that every `sweep` writes", 1, "metric_month"),
            ("polling of the queues", polls, "queue_request"),
            ("`sweep`, duration", sweep_gb_seconds("aws"), "lambda_gb_second"),
            ("`sweep`, logs", _log_gb("sweep", SWEEPS["aws"]), "log_gb"),
            ("`sweep`, requests", SWEEPS["aws"], "lambda_request"),
            # A query that finds nothing is half a unit.
            ("`sweep`, queries", SWEEPS["aws"] * len(due_partitions()) / 2, "table_read"),
            ("`sweep`, heartbeat", SWEEPS["aws"], "table_write"),
            ("`sweep`, scheduler", SWEEPS["aws"], "schedule_run"),
        ]
    return [
        ("files to the vendor", n * assumed["megabytes"]["uploads"] / 1000, "traffic_gb"),
        ("Lambda, GB-seconds", gb_seconds("aws"), "lambda_gb_second"),
        ("DynamoDB, written", n * sum(counts["write_units"].values()), "table_write"),
        ("S3, PUT", n * counts["puts"], "bucket_put"),
        ("S3, stored", _stored(), "bucket_gb_month"),
        ("CloudWatch, logs", _log_gb("verification", n), "log_gb"),
        ("SQS, requests", n * 3 * counts["messages"], "queue_request"),
        ("SQS, fair queues", n * 3 * counts["messages_with_group"], "fair_queue_request"),
        ("S3, GET", n * counts["gets"], "bucket_get"),
        ("API Gateway, requests", n, "api_request"),
        ("Lambda, runs", n * sum(counts["runs"].values()), "lambda_request"),
        ("DynamoDB, read", n * counts["record_reads"], "table_read"),
    ]


def _tencent(period: str) -> _Units:
    counts, assumed = DATA["counts"], DATA["assumptions"]
    n = VERIFICATIONS
    if period == "month":
        logs = _log_gb("sweep", SWEEPS["tencent"])
        return [
            ("database, 0.25 CCU", 0.25 * DAYS * 24 * 3600, "database_ccu_second"),
            ("secrets", 5, "secret_month"),
            ("SCF, basic package", DAYS, "function_package_day"),
            ("database, storage", assumed["database_gb"] * 24 * DAYS, "database_gb_hour"),
            ("logs, partition", DAYS, "log_partition_day"),
            ("`sweep`, resources", sweep_gb_seconds("tencent"), "function_gb_second"),
            ("secrets, at least 10 000 calls", 10_000, "secret_call"),
            ("`sweep`, invocations", SWEEPS["tencent"], "function_invocation"),
            *_kept_logs("`sweep`, logs", logs),
            ("alarms", len(tencent_alarms()), "alarm_month"),
        ]
    statements = counts["record_writes"] + counts["record_reads"] + counts["slots"]["tencent"]
    statements += counts["endpoint_statements"]
    seconds = n * statements * assumed["seconds_of_a_core_per_statement"]
    reads = counts["gets"] + counts["heads"]["tencent"]
    uploads = n * assumed["megabytes"]["uploads"] / 1000
    return [
        ("COS, the vendor's downloads", uploads, "bucket_traffic_gb"),
        ("SCF, GBs", gb_seconds("tencent"), "function_gb_second"),
        ("COS, stored", _stored(), "bucket_gb_month"),
        ("COS, requests", n * (counts["puts"] + reads), "bucket_request"),
        ("SCF, runs", n * sum(counts["runs"].values()), "function_invocation"),
        ("database, work", seconds, "database_ccu_second"),
        *_kept_logs("logs", _log_gb("verification", n)),
        ("webhooks and requests", n * 0.00002, "function_traffic_gb"),
    ]


def _kept_logs(what: str, gigabytes: float) -> _Units:
    # The text and its index are kept, each for as long as the lines.
    days = 2 * DATA["assumptions"]["days"]["logs"]
    return [
        (f"{what}, written", gigabytes, "log_write_gb"),
        (f"{what}, indexed", gigabytes, "log_index_gb"),
        (f"{what}, kept with their index", gigabytes * days, "log_gb_day"),
    ]


def plain(number: float, digits: int = 2) -> str:
    """A number with so many significant digits, never as a power of ten."""
    text = f"{float(f'{number:.{digits}g}'):.10f}".rstrip("0").rstrip(".")
    whole, _, fraction = text.partition(".")
    grouped = f"{int(whole):,}".replace(",", " ")
    return f"{grouped}.{fraction}" if fraction else grouped


def table(cloud: str, period: str) -> str:
    """A Markdown table with its sum."""
    rows = ["| item | units | USD per unit | USD | text, date |", "|---|---:|---:|---:|---|"]
    for line in lines(cloud, period):
        price = line.price
        per = plain(price["per"]) + " " if price["per"] > 1 else ""
        rate = "open" if price["usd"] is None else plain(price["usd"], 6)
        usd = "open" if line.usd is None else plain(line.usd)
        source = price["source"] + (f", {price['date']}" if price["date"] else "")
        unit = f"{rate} / {per}{price['unit']}"
        rows.append(f"| {line.what} | {plain(line.units, 4)} | {unit} | {usd} | {source} |")
    rows.append(f"| **together** | | | **{plain(total(cloud, period))}** | |")
    return "\n".join(rows)
