"""The package @liveproof/client: built and packed once, and installed for programs that use it."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools import ROOT
from tools.packaging.node import choose
from tools.processes import clean_environment

FOLDER = ROOT / "clients" / "typescript"
_BUILT = FOLDER / "dist" / ".built"
_PACKED = ROOT / "build" / "typescript"
_SECONDS = 300


def build() -> None:
    """What `make` builds, with its packages installed; nothing if that is done."""
    with _alone():
        _make()


def packed() -> Path:
    """The tarball that `npm publish` would upload."""
    with _alone():
        _make()
        stamp = _PACKED / ".packed"
        if not stamp.exists() or stamp.stat().st_mtime < _BUILT.stat().st_mtime:
            for old in _PACKED.glob("*.tgz"):
                old.unlink()
            _run(["npm", "pack", "--silent", "--pack-destination", str(_PACKED)], FOLDER)
            stamp.touch()
        (tarball,) = _PACKED.glob("*.tgz")
        return tarball


def install(folder: Path) -> None:
    """Puts the packed package where programs in the folder import it from."""
    place = folder / "node_modules" / "@liveproof"
    place.mkdir(parents=True)
    with tarfile.open(packed()) as tarball:
        tarball.extractall(place, filter="data")
    (place / "package").rename(place / "client")


def node(
    *arguments: str | Path,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    stdin: str = "",
) -> str:
    """What a Node.js program prints that gets `stdin` as its input. It must end with 0."""
    return _run(["node", *map(str, arguments)], folder, variables, stdin)


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time."""
    _PACKED.mkdir(parents=True, exist_ok=True)
    with (_PACKED / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make() -> None:
    # The tests' own environment runs now: make must not install it again.
    settled = ["--old-file=.venv/.installed", "--old-file=.venv/bin/liveproof"]
    target = str(_BUILT.relative_to(ROOT))
    _run(["make", "--silent", *settled, f"PY={sys.executable}", target], ROOT)


def _run(
    command: list[str],
    folder: Path,
    variables: Mapping[str, str] | None = None,
    stdin: str = "",
) -> str:
    environment = choose().environment(clean_environment(variables))
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    done = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout[-8000:]}{done.stderr[-8000:]}"
    return done.stdout
