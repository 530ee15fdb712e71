"""The modules that a program can import."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.packaging import import_closure


def test_imports_are_followed_wherever_they_stand(tmp_path: Path) -> None:
    program, tree, other = (tmp_path / name for name in ("handler.py", "tree", "other"))
    program.write_text("import a.start\n")
    (tree / "a").mkdir(parents=True)
    (tree / "a" / "__init__.py").write_text("")
    (tree / "a" / "start.py").write_text(
        "from __future__ import annotations\n"
        "import json\n"
        "from typing import TYPE_CHECKING\n"
        "from . import near\n"
        "if TYPE_CHECKING:\n    from nowhere import Type\nelse:\n    import b\n"
        "def later():\n    from a.deep.down import thing\n    import boto3\n"
    )
    (tree / "a" / "near.py").write_text("from .. import a\n")
    (tree / "a" / "unused.py").write_text("import nowhere\n")
    (tree / "a" / "deep").mkdir()
    (tree / "a" / "deep" / "__init__.py").write_text("")
    (tree / "a" / "deep" / "down.py").write_text("thing = 1\n")
    other.mkdir()
    (other / "b.py").write_text("")
    (tree / "c.cpython-310-x86_64-linux-gnu.so").write_bytes(b"")
    files = import_closure.closure((tree, other), [program], {"b": ("c",)}, frozenset({"boto3"}))
    assert {path.as_posix() for path in files} == {
        "a/__init__.py",
        "a/start.py",
        "a/near.py",
        "a/deep/__init__.py",
        "a/deep/down.py",
        "b.py",
        "c.cpython-310-x86_64-linux-gnu.so",
    }


def test_an_import_that_leads_nowhere_is_named_with_who_asks(tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text("import a\n")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text("import boto3.session\n")
    with pytest.raises(import_closure.Missing, match=r"a imports boto3.session"):
        import_closure.closure((tmp_path / "tree",), [tmp_path / "handler.py"], {}, frozenset())
