"""A file of the repository stands in a page as it is."""

from __future__ import annotations

import pytest

from tools.docs.snippets import with_files

PAGE = "before\n<!-- file: {} -->\nold\n<!-- end of the file -->\nafter\n"


def test_a_file_replaces_what_stood_between_its_marks() -> None:
    text = with_files(PAGE.format("examples/uploading/put.mjs"))
    assert text.startswith("before\n<!-- file: examples/uploading/put.mjs -->\n```js\n")
    assert "export async function put(" in text
    assert text.endswith("}\n```\n<!-- end of the file -->\nafter\n")
    assert with_files(text) == text


def test_a_file_that_is_gone_is_an_error() -> None:
    with pytest.raises(OSError, match="gone"):
        with_files(PAGE.format("examples/gone.py"))
