"""`liveproof keys`: an API key, and its digest as the secret of API keys has it."""

from __future__ import annotations

import io

import msgspec
import pytest

from liveproof.secret_documents import ApiKeys
from tests.support.command_line import Liveproof


def test_a_new_key_is_its_clients_by_its_digest(liveproof: Liveproof) -> None:
    (made,) = liveproof("keys", "new", "--json").lines
    keys = msgspec.convert({"clients": {"shop": {"keys_sha256": [made["sha256"]]}}}, ApiKeys)
    keys.validate()
    assert keys.client_of(made["key"]) == "shop"
    (other,) = liveproof("keys", "new", "--json").lines
    assert other["key"] != made["key"]
    assert len(made["key"]) > 40


def test_a_key_is_hashed_from_standard_input(
    liveproof: Liveproof, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = liveproof("keys", "new", "--json").lines
    monkeypatch.setattr("sys.stdin", io.StringIO(made["key"] + "\n"))
    assert liveproof("keys", "hash").out == made["sha256"] + "\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(made["key"]))
    assert liveproof("keys", "hash", "--json").lines == [{"sha256": made["sha256"]}]


@pytest.mark.parametrize("text", ["", "\n", "two keys", "one\ntwo\n"])
def test_a_malformed_key_is_refused(
    liveproof: Liveproof, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    done = liveproof("keys", "hash")
    assert (done.status, done.out) == (1, "")


def test_no_argument_takes_a_key(liveproof: Liveproof) -> None:
    assert liveproof("keys", "hash", "lp_secret").status == 2
