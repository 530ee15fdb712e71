"""A body has the same bytes after JSON.parse and JSON.stringify, but for characters above 127."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.ledger import CallOutcome
from liveproof.use_cases.conclude import verdict_of
from liveproof.webhooks import stable_json
from liveproof.webhooks.message import build_body
from tests.support.verifications import NOW, settled

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="no Node.js (node) is installed here")
AGAIN = """
const lines = require("fs").readFileSync(0, "utf8").split("\\n").slice(0, -1);
for (const line of lines) console.log(JSON.stringify(JSON.parse(line)));
"""


def by_javascript(documents: list[Any]) -> list[tuple[str, str]]:
    """Our text of each document, and what JavaScript makes of it."""
    ours = [stable_json.encode(document).decode() for document in documents]
    done = subprocess.run(
        [str(NODE), "-e", AGAIN],
        input="".join(f"{text}\n" for text in ours),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    return list(zip(ours, done.stdout.split("\n")[:-1], strict=True))


def escaped(text: str) -> str:
    """The text with JSON's escapes for what is above 127."""
    return "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (98.0, "98"),
        (0.0, "0"),
        (-0.0, "0"),
        (92.5, "92.5"),
        (-12.0, "-12"),
        (-0.5, "-0.5"),
        (33.333333333333336, "33.333333333333336"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e-6, "0.000001"),
        (1.5e-5, "0.000015"),
        (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"),
        (123456789012345680.0, "123456789012345680"),
        (1e16, "10000000000000000"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.25e21, "1.25e+21"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (True, "true"),
        (1, "1"),
    ],
)
def test_a_number_is_written_as_javascript_writes_it(number: float, text: str) -> None:
    assert stable_json.encode(number) == text.encode()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_cannot_write_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        stable_json.encode({"similarity": number})


def test_a_type_that_no_body_has_is_refused() -> None:
    with pytest.raises(TypeError):
        stable_json.encode({"a": [1]})


def test_names_that_are_array_indices_come_first_in_their_order() -> None:
    names = ["b", "10", "4294967295", "2", "a", "01", "4294967294", "-1", "0", "1.5", "\u0661"]
    written = json.loads(stable_json.encode(dict.fromkeys(names, 1)))

    assert list(written) == [
        *("0", "2", "10", "4294967294"),
        *("b", "4294967295", "a", "01", "-1", "1.5", "\u0661"),
    ]


ASCII = st.text(st.characters(max_codepoint=127), max_size=8)
INDICES = st.integers(0, 2**33).map(str) | st.sampled_from(["00", "01", "-0", "1e3", "__proto__"])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.floats(0, 100).map(round).map(float)


@needs_node
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.dictionaries(ASCII | INDICES, NUMBERS | ASCII | st.none() | st.booleans(), max_size=6),
        min_size=50,
    )
)
def test_ascii_documents_survive_javascript_byte_for_byte(documents: list[Any]) -> None:
    for ours, again in by_javascript(documents):
        assert again == ours


@needs_node
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.text(max_size=8), st.text(max_size=8)), min_size=50))
def test_only_characters_above_127_differ(documents: list[Any]) -> None:
    for ours, again in by_javascript(documents):
        assert escaped(again) == ours
        assert json.loads(again) == json.loads(ours)


@needs_node
def test_a_decisions_body_survives_javascript() -> None:
    """98.0 came back as 98, so that a wrong receiver failed on an ordinary decision."""
    entry = replace(
        settled(CallOutcome.ANSWERED),
        reference='a"\x7f\\u007f',
        metadata={"b": "\x00\n", "10": "/", "2": "<>"},
    )
    for score in (98.0, 98.25, 1e-7, 0.0):
        verdict = verdict_of("passed", NOW, "Success", {"similarity": score})
        body = build_body(lifecycle.decided(entry, verdict)).decode()
        ((ours, again),) = by_javascript([json.loads(body)])
        assert body == ours == again
