"""The audit of what is deployed, offline, against a dated extract of PyPA's advisory database.

`python -m tools.release.advisories FOLDER` writes the extract anew from a clone of
https://github.com/pypa/advisory-database. The extract knows nothing that was published after its
date, and nothing that this database never had.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from packaging.version import InvalidVersion, Version

from tools import ROOT
from tools.command import exit_status
from tools.release.sbom import locked_hashes

EXTRACT = Path(__file__).with_name("advisories.json")
_LOCKS = ("requirements/layer.txt", "requirements/scf.txt")


def locked() -> list[tuple[str, str]]:
    """Name and version of everything that may be deployed, sorted."""
    texts = [(ROOT / lock).read_text(encoding="utf-8") for lock in _LOCKS]
    return sorted({pin for text in texts for pin in locked_hashes(text)})


def audit(extract: dict[str, Any], pins: Iterable[tuple[str, str]], today: date) -> dict[str, Any]:
    """What the extract says of these names and versions.

    Returns:
        `found` (package, version, advisory, aliases), `unknown` (packages of which the extract has
        no word), the extract's `date` and `commit`, and its `age_days`.
    """
    pins = list(pins)
    affected = [
        {
            "package": name,
            "version": version,
            "advisory": advisory["id"],
            "aliases": advisory["aliases"],
        }
        for name, version in pins
        for advisory in extract["packages"].get(name, ())
        if _is_affected(version, advisory)
    ]
    return {
        "found": affected,
        "unknown": sorted({name for name, _ in pins if name not in extract["packages"]}),
        "date": extract["date"],
        "commit": extract["commit"],
        "age_days": (today - date.fromisoformat(extract["date"])).days,
    }


def _is_affected(version: str, advisory: dict[str, Any]) -> bool:
    if version in advisory["versions"]:
        return True
    # An introduction and what ends it are a range; the ranges come in any order.
    affected = False
    for event in advisory["events"]:
        ((kind, text),) = event.items()
        try:
            limit = Version(text)
        except InvalidVersion:
            continue
        if kind == "introduced":
            if affected:
                return True
            affected = Version(version) >= limit
        if kind == "fixed" and Version(version) >= limit:
            affected = False
        if kind == "last_affected" and Version(version) > limit:
            affected = False
    return affected


def extract(clone: Path, names: Iterable[str]) -> dict[str, Any]:
    """What a clone of the database says of packages, without withdrawn advisories."""
    commit, day = _git(clone, "log", "-1", "--format=%H %cs").split()
    packages: dict[str, list[dict[str, Any]]] = {}
    for name in sorted(set(names)):
        paths = _git(clone, "ls-tree", "-r", "--name-only", "HEAD", f"vulns/{name}/").split()
        texts = (yaml.safe_load(_git(clone, "show", f"HEAD:{path}")) for path in paths)
        advisories = [_short(text, name) for text in texts if "withdrawn" not in text]
        if advisories:
            packages[name] = advisories
    return {
        "source": "https://github.com/pypa/advisory-database",
        "licence": "CC-BY-4.0",
        "commit": commit,
        "date": day,
        "packages": packages,
    }


def _short(text: dict[str, Any], name: str) -> dict[str, Any]:
    affected = [
        package for package in text["affected"] if package["package"]["name"].lower() == name
    ]
    ranges = [range for entry in affected for range in entry.get("ranges", ())]
    events = [
        event for range in ranges if range["type"] == "ECOSYSTEM" for event in range["events"]
    ]
    # Ranges say it shorter; a list of versions is kept only where there is no range.
    listed = [str(version) for entry in affected for version in entry.get("versions", ())]
    return {
        "id": text["id"],
        "aliases": text.get("aliases", []),
        "events": [{kind: str(limit) for kind, limit in event.items()} for event in events],
        "versions": [] if events else listed,
    }


def _git(clone: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", clone, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def main() -> int:
    """Write the extract; 0."""
    parser = argparse.ArgumentParser(prog="python -m tools.release.advisories", description=__doc__)
    parser.add_argument("clone", type=Path, help="a clone of pypa/advisory-database")
    extracted = extract(parser.parse_args().clone, (name for name, _ in locked()))
    EXTRACT.write_text(json.dumps(extracted, indent=1) + "\n", encoding="utf-8")
    print(
        f"{EXTRACT.relative_to(ROOT)}: {len(extracted['packages'])} packages, {extracted['date']}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(exit_status(main))
