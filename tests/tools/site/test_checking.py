"""What the check of a built site finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.site import checking

POLICY = '<meta http-equiv="Content-Security-Policy" content="default-src \'self\'">'


def faults(folder: Path, body: str, policy: str = POLICY) -> list[str]:
    """Of a site with this page and another that has the anchor `there`."""
    (folder / "other.html").write_text(f'{POLICY}<h2 id="there">x</h2>')
    (folder / "page.html").write_text(policy + body)
    return checking.faults(folder)


@pytest.mark.parametrize(
    "body",
    [
        '<a href="other.html#there">x</a>',
        '<a href="https://example.com/">x</a>',
        '<h2 id="a b">x</h2><a href="#a%20b">x</a>',
        '<img src="data:image/gif;base64,R0lGOD">',
        '<link rel="canonical" href="https://example.com/">',
    ],
)
def test_links_that_resolve_and_links_to_others_are_no_fault(tmp_path: Path, body: str) -> None:
    assert faults(tmp_path, body) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="nothing.html">x</a>', "page.html: nothing.html leads to nothing"),
        ('<a href="other.html#gone">x</a>', "page.html: other.html#gone leads to nothing"),
        ('<img src="gone.png">', "page.html: gone.png leads to nothing"),
        (
            '<script src="https://example.com/a.js"></script>',
            "page.html: loads https://example.com/a.js from another host",
        ),
        (
            '<link rel="stylesheet" href="//example.com/a.css">',
            "page.html: loads //example.com/a.css from another host",
        ),
        (
            '<img src="other.html" srcset="https://example.com/a.png 2x">',
            "page.html: loads https://example.com/a.png from another host",
        ),
    ],
)
def test_a_fault_is_named_with_its_page(tmp_path: Path, body: str, fault: str) -> None:
    assert faults(tmp_path, body) == [fault]


def test_a_page_without_the_policy_is_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, "", policy="") == ["page.html: has no policy that forbids other hosts"]


@pytest.mark.parametrize("rule", ["@import 'a.css';", "a { background: url(https://x.y/z.png) }"])
def test_a_style_that_loads_from_another_host_is_a_fault(tmp_path: Path, rule: str) -> None:
    (tmp_path / "a.css").write_text(rule)
    assert faults(tmp_path, "") == ["a.css: loads a style or a picture from another host"]
