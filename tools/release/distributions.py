"""What is deployed besides liveproof, read from the packages themselves."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

_METADATA = re.compile(r"(?:^|/)[^/]+\.dist-info/METADATA$")

# The SPDX identifier where a package states its licence in words only. The classifiers of those
# that are deployed say the same (2026-11-26).
_IN_WORDS = {
    "MIT": "MIT",
    "MPL-2.0": "MPL-2.0",
    "Apache-2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
}


class LicenceUnknown(Exception):
    """A package does not say its licence in a form that is known."""


@dataclass(frozen=True, order=True)
class Distribution:
    """A package: its name as PyPI normalises it, its version, its licence as an SPDX expression."""

    name: str
    version: str
    licence: str


def from_metadata(text: str) -> Distribution:
    """Reads a file METADATA.

    Raises:
        LicenceUnknown: with the package and what it says.
    """
    fields = HeaderParser().parsestr(text)
    name = re.sub(r"[-_.]+", "-", fields["Name"]).lower()
    stated = fields["License-Expression"] or _IN_WORDS.get(fields["License"] or "")
    if stated is None:
        raise LicenceUnknown(f"{name} {fields['Version']} says of its licence: {fields['License']}")
    return Distribution(name, fields["Version"], stated)


def in_folder(folder: Path) -> list[Distribution]:
    """Those whose metadata lie in a folder or in the zips of a folder, each once, sorted."""
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.dist-info/METADATA")]
    return _sorted([*texts, *_in_zips(folder.glob("*.zip"))])


def _in_zips(archives: Iterable[Path]) -> Iterator[str]:
    for path in archives:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if _METADATA.search(name):
                    yield archive.read(name).decode()


def _sorted(texts: Iterable[str]) -> list[Distribution]:
    return sorted({from_metadata(text) for text in texts})
