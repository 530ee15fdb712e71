"""MD5 only says which bytes arrived: an OpenSSL that allows FIPS 140's functions refuses any other
use of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

LIBRARY = Path(__file__).parent.parent / "layers" / "liveproof"


def _uses() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(LIBRARY.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "hashlib.md5":
                yield f"{path.relative_to(LIBRARY)}:{node.lineno}", node


def test_every_md5_is_made_for_no_security() -> None:
    uses = dict(_uses())
    others = [
        place
        for place, call in uses.items()
        if "usedforsecurity=False" not in map(ast.unparse, call.keywords)
    ]

    assert uses
    assert others == []
