"""uv, which installs the locked packages: its program, and pip's settings in uv's words.

uv does not read pip's settings. Whoever has named a registry to pip need not name it again.
Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# pip's setting and uv's variable, where they take the same value.
_VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
# From the weakest to the strongest, as pip reads them.
_SCOPES = ("global", "install", ":env:")


def install(python: Path, *arguments: str | Path) -> list[str | Path]:
    """The command `uv pip install` for an interpreter.

    Args:
        python: of the environment that gets the packages; uv is beside it or beside the
            interpreter that runs now.
        arguments: of `uv pip install`.
    """
    program = next(
        (folder / "uv" for folder in (python.parent, Path(sys.prefix) / "bin")
         if (folder / "uv").exists()),
        Path("uv"),
    )  # fmt: skip
    return [program, "pip", "install", "--quiet", "--python", python, *arguments]


def environment(python: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """`base` (the process's own environment) with pip's settings in uv's variables.

    Args:
        python: an interpreter with pip.
        base: variables of uv in it stay as they are.
    """
    variables = dict(os.environ if base is None else base)
    done = subprocess.run(
        [python, "-m", "pip", "config", "list", "--disable-pip-version-check"],
        capture_output=True, text=True, timeout=60, check=False, env=variables,
    )  # fmt: skip
    settings = pip_settings(done.stdout)
    for name, variable in _VARIABLES.items():
        if name in settings:
            variables.setdefault(variable, " ".join(settings[name].split()))
    if "extra-index-url" in settings:
        # As pip does. Whose package it is, the locks' hashes say.
        variables.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    folders = [place for place in settings.get("find-links", "").split() if _exists(place)]
    if folders:
        variables.setdefault("UV_FIND_LINKS", ",".join(folders))
    return variables


def pip_settings(listed: str) -> dict[str, str]:
    """The settings for installing of `pip config list`, by their names without a scope."""
    by_scope: dict[str, dict[str, str]] = {scope: {} for scope in _SCOPES}
    for line in listed.splitlines():
        key, sign, value = line.partition("=")
        scope, _, name = key.rpartition(".")
        if sign and scope in by_scope:
            by_scope[scope][name] = str(ast.literal_eval(value))
    return {name: text for scope in _SCOPES for name, text in by_scope[scope].items()}


def _exists(place: str) -> bool:
    """pip passes over a folder that is not there, and uv does not."""
    return "://" in place or Path(place).is_dir()
