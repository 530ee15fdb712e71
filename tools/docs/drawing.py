"""Small pictures as SVG: boxes, frames around them, and arrows between points.

A picture has its own light ground, so it reads on a dark page too. Its title and description
are for screen readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_STYLE = """text { font: 14px system-ui, sans-serif; fill: #1b2733 }
.small { font-size: 12px; fill: #46525e }
.name { font-weight: 600 }
.ground { fill: #ffffff }
.box { fill: #eaf2fb; stroke: #2f6fab; stroke-width: 1.5 }
.outside { fill: #f3f0e6; stroke: #8a7433; stroke-width: 1.5 }
.frame { fill: none; stroke: #6b7885; stroke-width: 1.5; stroke-dasharray: 6 4 }
.arrow { fill: none; stroke: #1b2733; stroke-width: 1.5 }
.head { fill: #1b2733 }"""


@dataclass(frozen=True)
class Box:
    """A named thing; `lines` stand below its name. Lengths are pixels, from the top left."""

    x: int
    y: int
    width: int
    height: int
    name: str
    lines: tuple[str, ...] = ()
    kind: str = "box"

    def svg(self) -> str:
        """The rectangle with its texts, from the middle."""
        middle = self.x + self.width // 2
        top = self.y + self.height // 2 + 5 - 8 * len(self.lines)
        rectangle = (
            f'<rect class="{self.kind}" x="{self.x}" y="{self.y}" width="{self.width}"'
            f' height="{self.height}" rx="8"/>'
        )
        texts = [("name", self.name), *(("small", line) for line in self.lines)]
        return "\n".join(
            [
                rectangle,
                *(
                    f'<text class="{style}" x="{middle}" y="{top + 17 * number}"'
                    f' text-anchor="middle">{_(text)}</text>'
                    for number, (style, text) in enumerate(texts)
                ),
            ]
        )


@dataclass(frozen=True)
class Frame:
    """A dashed boundary, named at its top left."""

    x: int
    y: int
    width: int
    height: int
    name: str

    def svg(self) -> str:
        """The rectangle and its name."""
        return (
            f'<rect class="frame" x="{self.x}" y="{self.y}" width="{self.width}"'
            f' height="{self.height}" rx="12"/>\n'
            f'<text class="small" x="{self.x + 12}" y="{self.y + 20}">{_(self.name)}</text>'
        )


@dataclass(frozen=True)
class Arrow:
    """A line through points, with a head at its end and a text at `at`."""

    points: tuple[tuple[int, int], ...]
    text: str = ""
    at: tuple[int, int] = (0, 0)
    anchor: str = "middle"

    def svg(self) -> str:
        """The line and its text."""
        path = "M" + " L".join(f"{x} {y}" for x, y in self.points)
        line = f'<path class="arrow" d="{path}" marker-end="url(#head)"/>'
        if not self.text:
            return line
        x, y = self.at
        return (
            f'{line}\n<text class="small" x="{x}" y="{y}" text-anchor="{self.anchor}">'
            f"{_(self.text)}</text>"
        )


@dataclass(frozen=True)
class Note:
    """A line of text."""

    x: int
    y: int
    text: str

    def svg(self) -> str:
        """The text."""
        return f'<text class="small" x="{self.x}" y="{self.y}">{_(self.text)}</text>'


Part = Box | Frame | Arrow | Note


def picture(
    width: int,
    height: int,
    title: str,
    description: str,
    parts: Sequence[Part],
) -> str:
    """The SVG document."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" role="img" aria-labelledby="title description">',
            f'<title id="title">{_(title)}</title>',
            f'<desc id="description">{_(description)}</desc>',
            f"<style>{_STYLE}</style>",
            '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7"'
            ' markerHeight="7" orient="auto"><path class="head" d="M0 0 L10 5 L0 10 z"/></marker>'
            "</defs>",
            f'<rect class="ground" width="{width}" height="{height}" rx="12"/>',
            *(part.svg() for part in parts),
            "</svg>\n",
        ]
    )


def _(text: str) -> str:
    return escape(text)
