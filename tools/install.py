"""Installs locked packages: `python3 -m tools.install run|dev|node`, for the Makefile.

`run` makes .venv anew with what the product needs on this machine, `dev` adds what tests need,
`node` installs node_modules. One installation runs at a time in a checkout. Everything that can go
wrong ends with one sentence that says what to do.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools import BUILD, ROOT, uv

VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
PYTHON = VENV / "bin" / "python"
# By group. A stamp is written last, so an interrupted installation starts again.
_STAMPS = {
    "run": (VENV / ".installed", ("requirements/run.txt", "requirements/uv.txt")),
    "dev": (VENV / ".installed-dev", ("requirements/dev.txt", ".venv/.installed")),
    "node": (NODE_MODULES / ".installed", ("package.json", "package-lock.json")),
}
_LOG = BUILD / "install.log"
_OLDEST = (3, 10)
# What pip, uv and npm write when no registry could be asked at all.
_NO_NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeoutError|NameResolutionError|ProxyError|dns error|"
    r"tcp connect error|client error \(Connect\)|error sending request|operation timed out|"
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH"
)
_NO_NETWORK_ADVICE = (
    "no package registry can be reached. Connect this machine to a network once, or name a"
    " registry that it reaches in {settings}; then run make again."
)
_REFUSED_ADVICE = (
    "the package registry did not hand out a locked package. Name a registry that has it in"
    " {settings}; then run make again."
)
_PIP = "pip's settings (pip config set global.index-url URL)"
_NPM = "npm's settings (npm config set registry URL), or use CLOUD=tencent, which needs no Node.js"


class InstallError(Exception):
    """Nothing is installed; the text says why and what to do, in one sentence or two."""


def main(arguments: Sequence[str]) -> int:
    """Installs a group unless its stamp is fresh; the exit status."""
    if sys.version_info < _OLDEST:
        version = ".".join(map(str, sys.version_info[:3]))
        return _failed(
            f"liveproof needs Python 3.10 or newer, and {sys.executable} is {version}."
            " Name another: make PYTHON=python3.12"
        )
    (group,) = arguments
    try:
        with _alone():
            if not is_fresh(group):
                {"run": install_run, "dev": install_dev, "node": install_node}[group]()
                _STAMPS[group][0].touch()
    except InstallError as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(
            f"{error.filename or ROOT} cannot be written ({error.strerror}). make installs into the"
            " checkout: clone it into a folder that you may write, with room on its disk, and run"
            " make there."
        )
    except KeyboardInterrupt:
        return 130
    return 0


def is_fresh(group: str) -> bool:
    """Whether a group is installed as its lock says."""
    stamp, sources = _STAMPS[group]
    if not stamp.exists():
        return False
    made = stamp.stat().st_mtime
    return all((ROOT / name).stat().st_mtime <= made for name in sources)


def install_run() -> None:
    """A new .venv with what the product needs on this machine. Raises InstallError, OSError."""
    _say("installing what liveproof needs to run into .venv")
    # A folder that cannot be written shows here, and not in the words of a program.
    VENV.mkdir(exist_ok=True)
    (VENV / ".installed").unlink(missing_ok=True)
    (VENV / ".installed-dev").unlink(missing_ok=True)
    _run([sys.executable, "-m", "venv", "--clear", VENV], _PIP)
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--no-compile"]
    pip += ["--disable-pip-version-check", "--retries", "1", "--require-hashes"]
    _run([*pip, "-r", ROOT / "requirements" / "uv.txt"], _PIP)
    _uv_install("run")


def install_dev() -> None:
    """What tests need, into the .venv that is there. Raises InstallError, OSError."""
    _say("installing what the tests need into .venv")
    _uv_install("dev")
    # hcl2 keeps the tables of its grammar beside itself; they take five seconds.
    _run([PYTHON, "-c", "from hcl2.parser import parser; parser()"], _PIP)


def install_node() -> None:
    """node_modules, which only the local AWS needs. Raises InstallError, OSError."""
    _say("installing the locked Node packages into node_modules")
    NODE_MODULES.mkdir(exist_ok=True)
    npm = ["npm", "ci", "--no-fund", "--no-audit", "--ignore-scripts"]
    _run([PYTHON, "-m", "tools.packaging.node", *npm], _NPM)


def _uv_install(group: str) -> None:
    lock = ROOT / "requirements" / f"{group}.txt"
    command = uv.install(PYTHON, "--require-hashes", "-r", lock)
    _run(command, _PIP, uv.environment(PYTHON))


def _run(
    command: Sequence[str | Path], settings: str, environment: Mapping[str, str] | None = None
) -> None:
    """A step of the installation, its words in build/install.log."""
    with _LOG.open("a", encoding="utf-8") as log:
        done = subprocess.run(
            [str(part) for part in command], cwd=ROOT, env=environment,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False,
        )  # fmt: skip
    if done.returncode:
        raise InstallError(
            explanation(_LOG.read_text(encoding="utf-8", errors="replace"), settings)
        )


def explanation(log: str, settings: str) -> str:
    """What a failed program's words mean, and what to do.

    Args:
        log: what it wrote.
        settings: where a registry is named.
    """
    if shutil.disk_usage(ROOT).free < 1_000_000 or "No space left on device" in log:
        return f"the disk of {ROOT} is full. Make room (about 600 MB) and run make again."
    if _NO_NETWORK.search(log):
        advice = _NO_NETWORK_ADVICE
    elif re.search(r"\b(401|403|404|50\d)\b|No matching distribution|not found in the", log):
        advice = _REFUSED_ADVICE
    else:
        return f"the packages could not be installed; {_LOG.relative_to(ROOT)} says why."
    return f"{advice.format(settings=settings)} ({_LOG.relative_to(ROOT)} has all that was said.)"


@contextmanager
def _alone() -> Iterator[None]:
    """Waits until no other installation runs in this checkout."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "install.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another make installs into this checkout; waiting for it to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        _LOG.write_text("", encoding="utf-8")
        yield


def _say(text: str) -> None:
    # Standard output is for what a target promises, such as the JSON of `make local`.
    print(text, file=sys.stderr, flush=True)


def _failed(text: str) -> int:
    _say(text)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
