"""`make mutants`: small changes of the core, and the tests that notice them.

    python -m tests.mutation [--sample N] [--seed N] [--part PATH]...

Every mutant is made in a copy of the repository under build/mutants, and the suites of its part run
until the first test fails (`suites.py`). Survivors go to standard output; those that change nothing
that anybody could see are explained in tests/mutants.md. The exit status is 1 if there are others.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.mutation import session
from tests.mutation.session import Mutant
from tests.mutation.suites import PARTS, Part
from tests.support import environments
from tools import BUILD, ROOT

_EXPLAINED = ROOT / "tests" / "mutants.md"
_TIMEOUT_SECONDS = 900


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sample", type=int, default=100, help="how many mutants; 0: all")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same sample")
    parser.add_argument("--part", action="append", choices=[part.path for part in PARTS])
    return parser


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


class CosmicRay:
    """Cosmic Ray over a part, in a copy of the repository."""

    def __init__(self, program: Path, tree: Path, part: Part) -> None:
        self._program, self._tree = program, tree
        name = part.path.replace("/", "-")
        self.session = tree.parent / f"{name}.sqlite"
        self._settings = tree.parent / f"{name}.toml"
        test = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider"]
        command = " ".join(f"'{word}'" for word in [*test, *part.suites])
        self._settings.write_text(
            "[cosmic-ray]\n"
            f'module-path = "layers/liveproof/{part.path}"\n'
            f"timeout = {_TIMEOUT_SECONDS}.0\n"
            "excluded-modules = []\n"
            f"test-command = {json.dumps(command)}\n"
            '[cosmic-ray.distributor]\nname = "local"\n'
        )
        self.session.unlink(missing_ok=True)
        self._run("init", str(self._settings), str(self.session))

    def execute(self) -> list[Mutant]:
        """Tries every mutant of the session."""
        self._run("exec", str(self._settings), str(self.session))
        return list(session.mutants(self._run("dump", str(self.session))))

    def _run(self, *arguments: str) -> str:
        paths = f"{self._tree / 'layers'}:{self._tree}"
        done = subprocess.run(
            [str(self._program), "-m", "cosmic_ray.cli", *arguments],
            cwd=self._tree,
            # A mutant has its original's size, and may have its time: bytecode would be mistaken.
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout


def is_explained(mutant: Mutant, explained: str) -> bool:
    """Whether the page of equivalent mutants has its module and both lines, however wrapped."""
    _, _, after = f"\n{explained}".partition(f"\n## {mutant.module}\n")
    entries = _on_one_line(after.partition("\n## ")[0])
    return _on_one_line(f"* `{mutant.removed}` -> `{mutant.added}` ") in f"{entries} "


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    asked = _parser().parse_args(arguments)
    tree = BUILD / "mutants" / "tree"
    _copy(tree)
    program = environments.venv("mutants")
    parts = [part for part in PARTS if asked.part is None or part.path in asked.part]
    runs = [CosmicRay(program, tree, part) for part in parts]
    every = sum(session.places(run.session) for run in runs)
    share = min(1.0, asked.sample / every) if asked.sample else 1.0
    rng = random.Random(asked.seed)
    for run in runs:
        session.sample(run.session, rng, share)
    explained = _EXPLAINED.read_text("utf-8")
    tried: list[Mutant] = []
    new: list[Mutant] = []
    for part, run in zip(parts, runs, strict=True):
        found = run.execute()
        tried += found
        for mutant in found:
            if not mutant.killed and not is_explained(mutant, explained):
                new.append(mutant)
                place = f"{mutant.module}:{mutant.line} {mutant.operator}"
                print(f"SURVIVED {place}\n  - {mutant.removed}\n  + {mutant.added}", flush=True)
        killed = sum(mutant.killed for mutant in found)
        print(f"{part.path}: {killed} of {len(found)} noticed", file=sys.stderr, flush=True)
    killed = sum(mutant.killed for mutant in tried)
    equivalent = len(tried) - killed - len(new)
    print(
        f"mutants: {killed} of {len(tried)} noticed, {equivalent} explained, {len(new)} to look at"
        f" (of {every} places, seed {asked.seed})"
    )
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
