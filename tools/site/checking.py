"""What is wrong with a built site: links to nothing, and anything that another host would deliver.

Zensical checks the links of Markdown. This reads the HTML that came out, so it also sees the
theme's own links, and links in HTML.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_POLICY = "default-src 'self'"
"""Every page says by a Content-Security-Policy that the browser asks no other host."""

_LOADING = {"img", "script", "iframe", "source", "video", "audio", "embed", "object", "input"}
_FOREIGN_CSS = re.compile(r"@import|url\(\s*['\"]?(?:https?:)?//", re.IGNORECASE)


class _Page(HTMLParser):
    """The links, the loaded addresses and the anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser for each tag."""
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if values.get(name)}
        if tag == "meta" and values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "link" and values.get("rel") not in ("canonical", "prev", "next"):
            self.loaded.append(values["href"])
        if tag in _LOADING:
            self.loaded += [values[name] for name in ("src", "data") if values.get(name)]
            sources = values.get("srcset", "").split(",")
            self.loaded += [source.split()[0] for source in sources if source.strip()]


def faults(site: Path) -> list[str]:
    """One sentence for each fault of the site in this folder, with its page."""
    pages = {
        path.relative_to(site).as_posix(): _Page(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
    }
    messages = [
        f"{path.relative_to(site).as_posix()}: loads a style or a picture from another host"
        for path in sorted(site.rglob("*.css"))
        if _FOREIGN_CSS.search(path.read_text(encoding="utf-8"))
    ]
    for name, page in pages.items():
        if not page.policy.startswith(_POLICY):
            messages.append(f"{name}: has no policy that forbids other hosts")
        messages += [
            f"{name}: loads {address} from another host"
            for address in page.loaded
            if urlsplit(address).netloc
        ]
        messages += [
            f"{name}: {address} leads to nothing"
            for address in (*page.links, *page.loaded)
            if not _resolves(site, pages, name, address)
        ]
    return messages


def _resolves(site: Path, pages: dict[str, _Page], name: str, address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return True
    if name == "404.html" and parts.path.startswith("/"):
        target = site / parts.path.lstrip("/")
    else:
        target = (site / name).parent / unquote(parts.path) if parts.path else site / name
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return False
    page = pages.get(target.resolve().relative_to(site.resolve()).as_posix())
    return not parts.fragment or page is None or unquote(parts.fragment) in page.anchors
