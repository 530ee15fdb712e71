"""Zips of functions and layers that are unpacked once, and not again for every worker.

MiniStack unpacks a function's code and its layer whenever it starts a worker, as often as thirty
times in a burst. On AWS both are there when a worker starts, and cannot be written to.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any


class KeptZips:
    """The trees of the zips of one run, below a folder of their own.

    Args:
        folder: exists; who starts MiniStack removes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def tree(self, zipped: Path) -> Path:
        """The unpacked tree of a zip; unpacks it if no zip with the same bytes was before it."""
        name = hashlib.sha256(zipped.read_bytes()).hexdigest()
        kept = self._folder / name
        with self._lock:
            if not kept.exists():
                with tempfile.TemporaryDirectory(dir=self._folder, prefix="new-") as scratch:
                    unpacked = Path(scratch) / name
                    with zipfile.ZipFile(zipped) as opened:
                        opened.extractall(unpacked)
                    unpacked.rename(kept)
        return kept

    def link(self, zipped: Path, into: Path) -> None:
        """Puts a link into a folder for each file and folder at the top of a zip."""
        for child in self.tree(zipped).iterdir():
            (into / child.name).symlink_to(child)


def play(runtime: Any) -> None:
    """Let MiniStack's module that starts workers link what it would unpack."""
    zips = KeptZips(Path(tempfile.mkdtemp(prefix="unpacked-")))

    class LinkedZip(zipfile.ZipFile):
        """A zip of MiniStack's; it is always a file, and unpacked whole."""

        def namelist(self) -> list[str]:
            """What is linked: MiniStack checks the real path of each name at every start."""
            return [child.name for child in zips.tree(self._zip()).iterdir()]

        def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
            """Links the zip's content. NotImplementedError if only a part of it is requested."""
            if members is not None:
                raise NotImplementedError("a zip is unpacked whole")
            zips.link(self._zip(), Path(path))

        def _zip(self) -> Path:
            return Path(os.fspath(self.filename or ""))

    runtime.zipfile = _Zipfile(LinkedZip)


class _Zipfile:
    """The module `zipfile` with another `ZipFile`."""

    def __init__(self, linked: type[zipfile.ZipFile]) -> None:
        self.ZipFile = linked

    def __getattr__(self, name: str) -> Any:
        return getattr(zipfile, name)
