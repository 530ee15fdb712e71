"""`make mutants`: small changes of the core, and the tests that notice them.

    python -m tests.mutation [--sample N] [--seed N] [--part PATH]... [--jobs N] [--json]

Every mutant is tried in a copy of the repository under build/mutants. The suites of its part
(`suites.py`) run once without a change, which records the tests that run each line; of a mutant,
only the tests that run the changed statement run, the nearest first, until one fails. Standard
error has each mutant with that test. Survivors go to standard output; those that change nothing
that anybody could see are explained in tests/mutants.md. The exit status is 1 if there are others.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from tests.mutation import session
from tests.mutation.importers import CORE
from tests.mutation.record import Record
from tests.mutation.session import Mutation
from tests.mutation.suites import PARTS, part_of
from tests.mutation.trial import Mutant, Trials
from tests.support import environments
from tools import BUILD, ROOT

_EXPLAINED = ROOT / "tests" / "mutants.md"
_NOTICED, _EQUIVALENT, _NEW = "noticed", "explained", "to look at"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sample", type=int, default=100, help="how many mutants; 0: all")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same sample")
    parser.add_argument(
        "--part",
        action="append",
        type=_path,
        help=f"a package or module in one of: {', '.join(part.path for part in PARTS)}",
    )
    parser.add_argument(
        "--jobs",
        type=int,
        default=max(1, (os.cpu_count() or 1) - 1),
        help="how many are tried at a time; as a rule, one fewer than there are cores",
    )
    parser.add_argument("--json", action="store_true", help="survivors as lines of JSON")
    return parser


def _path(path: str) -> str:
    if not (ROOT / CORE / path).exists():
        raise argparse.ArgumentTypeError(f"there is no {CORE}{path}")
    part_of(path)
    return path


def _copy(into: Path) -> None:
    """The files that Git knows, as they are now."""
    shutil.rmtree(into, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, into / name)


def _places(trials: Trials, folder: Path, part: str) -> list[list[Mutation]]:
    """What can be changed in a part."""
    settings, made = folder / "cosmic-ray.toml", folder / "session.sqlite"
    settings.write_text(
        "[cosmic-ray]\n"
        f'module-path = "{CORE}{part}"\n'
        "timeout = 1.0\n"
        "excluded-modules = []\n"
        'test-command = "none"\n'
        '[cosmic-ray.distributor]\nname = "local"\n'
    )
    made.unlink(missing_ok=True)
    trials.cosmic_ray("init", str(settings), str(made))
    return session.places(made)


def is_explained(mutant: Mutant, explained: str) -> bool:
    """Whether the page of equivalent mutants has its module and both lines, however wrapped."""
    _, _, after = f"\n{explained}".partition(f"\n## {mutant.module}\n")
    entries = _on_one_line(after.partition("\n## ")[0])
    return _on_one_line(f"* `{mutant.removed}` -> `{mutant.added}` ") in f"{entries} "


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    options = _parser().parse_args(arguments)
    folder = BUILD / "mutants"
    _copy(folder / "tree")
    trials = Trials(folder / "tree", environments.venv("mutants"), options.jobs)
    paths = options.part or [part.path for part in PARTS]
    places = {path: _places(trials, folder, path) for path in paths}
    every = sum(map(len, places.values()))
    share = min(1.0, options.sample / every) if options.sample else 1.0
    rng = random.Random(options.seed)
    samples = {
        path: session.sample(of_path, rng, round(share * len(of_path)))
        for path, of_path in places.items()
    }
    explained = _EXPLAINED.read_text("utf-8")
    counts: Counter[str] = Counter()
    records: dict[Sequence[str], Record] = {}
    for path, mutations in samples.items():
        suites = part_of(path).suites
        if suites not in records:
            records[suites] = trials.record(suites)
        counts_of_path: Counter[str] = Counter()
        with closing(trials.attempt(mutations, records[suites])) as tried:
            for number, mutant in enumerate(tried, 1):
                result = _result(mutant, explained)
                counts_of_path[result] += 1
                print(f"[{number} of {len(mutations)}] {_line(mutant, result)}", file=sys.stderr)
                if result == _NEW:
                    print(_survivor(mutant, as_json=options.json), flush=True)
        print(f"{path}: {_summary(counts_of_path)}", file=sys.stderr)
        counts += counts_of_path
    summary = f"mutants: {_summary(counts)} (of {every} places, seed {options.seed})"
    print(summary, file=sys.stderr if options.json else sys.stdout)
    return 1 if counts[_NEW] else 0


def _result(mutant: Mutant, explained: str) -> str:
    if mutant.noticed_by is not None:
        return _NOTICED
    return _EQUIVALENT if is_explained(mutant, explained) else _NEW


def _line(mutant: Mutant, result: str) -> str:
    end = mutant.noticed_by or f"{result}, after {mutant.tests} tests"
    return f"{mutant.module}:{mutant.line} {mutant.operator}: {end}"


def _survivor(mutant: Mutant, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(asdict(mutant))
    place = f"{mutant.module}:{mutant.line} {mutant.operator}"
    return f"SURVIVED {place}\n  - {mutant.removed}\n  + {mutant.added}"


def _summary(counts: Counter[str]) -> str:
    return (
        f"{counts[_NOTICED]} of {counts.total()} noticed, {counts[_EQUIVALENT]} explained,"
        f" {counts[_NEW]} to look at"
    )


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
