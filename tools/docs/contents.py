"""The generated page docs/README.md: the site's navigation, for a repository's browser."""

from __future__ import annotations

import os

from tools.site import navigation, pages

_INTRODUCTION = """# Contents

`make site` makes these pages a site that can be searched.
"""


def page(mark: str) -> str:
    """The whole page. Raises KeyError for an entry that names no page."""
    paths = {name: path for path, name in pages.pages().items()}
    lines = [mark, _INTRODUCTION]
    for title, entries in navigation.sections().items():
        lines += [f"## {title}", ""]
        lines += [
            f"* [{entry.title}]({os.path.relpath(paths[entry.page], 'docs')})" for entry in entries
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
