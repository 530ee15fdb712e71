"""The site's navigation, as mkdocs.yml has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from tools import ROOT

CONFIGURATION = ROOT / "mkdocs.yml"


@dataclass(frozen=True)
class Entry:
    """A page in the navigation: its title there and its name on the site."""

    title: str
    page: str


def sections() -> dict[str, list[Entry]]:
    """The navigation in its order: section to entries."""
    configuration: dict[str, Any] = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    return {
        title: [Entry(name, page) for entry in entries for name, page in entry.items()]
        for section in configuration["nav"]
        for title, entries in section.items()
    }
