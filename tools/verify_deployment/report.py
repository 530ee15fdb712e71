"""The probes' outcomes, beside the rows of docs/unconfirmed.md: Markdown and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import ROOT
from tools.verify_deployment.probe import Outcome, Verdict

PAGE = ROOT / "docs" / "unconfirmed.md"
_ROW = re.compile(r"^\| (?P<assumption>.+?) \|.* \| (?P<settled>(?:probe|only by) [^|]*) \|$")
_HEADINGS = {"## AWS": "aws", "## Tencent Cloud, the platform": "tencent"}
_NAME = re.compile(r"`([a-z0-9_]+)`")


@dataclass(frozen=True)
class Row:
    """A row of the page: an assumption, and the probes that settle it, if any.

    `cloud` is None for an assumption about a vendor.
    """

    assumption: str
    cloud: str | None
    probes: tuple[str, ...]
    only_by: str | None


def rows(page: str | None = None) -> list[Row]:
    """The assumptions of docs/unconfirmed.md, in its order."""
    text = PAGE.read_text(encoding="utf-8") if page is None else page
    rows, cloud = [], None
    for line in text.splitlines():
        if line.startswith("## "):
            cloud = _HEADINGS.get(line)
        if match := _ROW.match(line):
            settled = match["settled"]
            is_probe = settled.startswith("probe ")
            names = tuple(_NAME.findall(settled)) if is_probe else ()
            rows.append(Row(match["assumption"], cloud, names, None if is_probe else settled))
    return rows


def verdict_of(row: Row, outcomes: Iterable[Outcome]) -> Verdict:
    """What the probes of a row say together: one that did not hold outweighs the others."""
    verdicts = {one.verdict for one in outcomes if one.probe in row.probes}
    for verdict in (Verdict.DID_NOT_HOLD, Verdict.HELD):
        if verdict in verdicts:
            return verdict
    return Verdict.NOT_RUN


def document(cloud: str, version: str, spent: float, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The report as JSON has it. It names no account, no address, no file and no person."""
    return {
        "liveproof": version,
        "cloud": cloud,
        "spent": spent,
        "probes": [
            {
                "name": one.probe,
                "verdict": one.verdict.value,
                "seen": one.seen,
                "seconds": round(one.seconds, 1),
            }
            for one in outcomes
        ],
        "assumptions": [
            {"assumption": row.assumption, "verdict": verdict_of(row, outcomes).value}
            for row in rows()
            if row.probes and row.cloud in (None, cloud)
        ],
    }


def markdown(report: dict[str, Any]) -> str:
    """The same for people, to send back as it is."""
    lines = [
        f"# liveproof {report['liveproof']} on {report['cloud']}: what held",
        "",
        f"Spent: {report['spent']:g}",
        "",
        "| probe | verdict | seen |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{one['name']}` | {one['verdict']} | {_cell(one['seen'])} |" for one in report["probes"]
    ]
    lines += ["", "| assumption of docs/unconfirmed.md | verdict |", "|---|---|"]
    lines += [f"| {one['assumption']} | {one['verdict']} |" for one in report["assumptions"]]
    return "\n".join(lines) + "\n"


def write(report: dict[str, Any], folder: Path) -> tuple[Path, Path]:
    """Writes both files into a folder, and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "report.md", folder / "report.json"
    paths[0].write_text(markdown(report), encoding="utf-8")
    paths[1].write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return paths


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
