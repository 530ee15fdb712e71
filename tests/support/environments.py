"""Environments beside the tests' own, under build/, each installed once for what its lock says.

The vendors' SDKs would overwrite the layer's packages; other Pythons need packages of their own.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools import ROOT, uv
from tools.packaging.node import choose

_SDK = ROOT / "tests" / "emulator" / "sdk"
NODE = ROOT / "tests" / "emulator" / "node"
_FOLDER = ROOT / "build" / "environments"
_INSTALL_SECONDS = 600
_RUN_SECONDS = 120


def python(name: str) -> Callable[[object], list[dict[str, Any]]]:
    """Runs the driver `<name>.py` with what requirements/sdk-<name>.txt locks."""
    program = venv(f"sdk-{name}")
    return _driver([program, _SDK / f"{name}.py"])


def venv(
    name: str,
    *,
    interpreter: str = sys.executable,
    version: str = "",
    without: Collection[str] = (),
) -> Path:
    """The Python of a virtual environment with what requirements/<name>.txt locks, and no more.

    Args:
        interpreter, version: another Python than the tests' own, such as "3.13".
        without: packages of the lock that are left out.
    """
    lock = ROOT / "requirements" / f"{name}.txt"
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    with installed(f"{name}-py{version or own}", [lock]) as place:
        program = place / "venv" / "bin" / "python"
        if not program.exists():
            # Without a pip, which takes longer to install than most of what it would.
            run([interpreter, "-m", "venv", "--clear", "--without-pip", place / "venv"])
            chosen = place / "lock.txt"
            chosen.write_text(_without(lock.read_text("utf-8"), without), "utf-8")
            command = uv.install(program, "--no-deps", "--require-hashes", "-r", chosen)
            run(command, variables=uv.environment(Path(sys.executable)))
    return program


def _without(lock: str, packages: Collection[str]) -> str:
    """A lock without the pins and hashes of some packages."""
    pins = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    names = {pin.partition("==")[0] for pin in pins}
    if unlocked := set(packages) - names:
        raise ValueError(f"the lock has no {', '.join(sorted(unlocked))}")
    return "".join(pin for pin in pins if pin.partition("==")[0] not in packages)


def pip(program: Path, command: str, *arguments: str | Path) -> None:
    """A command of pip in the environment of a Python. RuntimeError with its output if it fails."""
    own: list[str | Path] = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    run([*own, "--python", program, command, *arguments])


def node(name: str) -> Callable[[object], list[dict[str, Any]]]:
    """Runs the driver `<name>.js` with what tests/emulator/node/package-lock.json locks."""
    environment = {"NODE_PATH": str(node_modules(NODE))}
    return _driver([choose().folder / "node", NODE / f"{name}.js"], environment)


def node_modules(folder: Path) -> Path:
    """The folder with the packages that a folder's package-lock.json locks."""
    lock = [folder / "package.json", folder / "package-lock.json", folder / ".npmrc"]
    with installed(f"node-{choose().version.partition('.')[0]}", lock) as place:
        if not (place / "node_modules").exists():
            for file in lock:
                shutil.copy(file, place)
            npm = [sys.executable, "-m", "tools.packaging.node", "npm", "ci"]
            run([*npm, "--ignore-scripts", "--no-fund", "--no-audit"], place)
    return place / "node_modules"


@contextmanager
def installed(name: str, locks: list[Path]) -> Iterator[Path]:
    """The folder for what the locks say, made by one process at a time; a failed one is removed."""
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()[:12]
    place = _FOLDER / f"{name}-{digest}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = place / ".installed"
        if not done.exists():
            for left in ("venv", "node_modules", "bin", "target", "lib"):
                shutil.rmtree(place / left, ignore_errors=True)
        yield place
        done.touch()


def run(
    command: Sequence[str | Path], folder: Path = ROOT, variables: Mapping[str, str] | None = None
) -> None:
    """A program of the installation. RuntimeError with its output if it fails."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(variables or {})}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_INSTALL_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[-1]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _driver(
    command: list[str | Path], environment: dict[str, str] | None = None
) -> Callable[[object], list[dict[str, Any]]]:
    """A program that reads JSON and writes JSON; no proxy and no key of this machine's."""
    clean = {"PATH": os.environ.get("PATH", ""), **(environment or {})}

    def drive(plan: object) -> list[dict[str, Any]]:
        done = subprocess.run(
            command,
            input=json.dumps(plan),
            env=clean,
            capture_output=True,
            text=True,
            timeout=_RUN_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        results: list[dict[str, Any]] = json.loads(done.stdout)
        return results

    return drive
