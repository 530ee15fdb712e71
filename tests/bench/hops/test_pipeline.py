"""A hop that loses a message, or an answer that is another, is no measurement."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bench.figure import BenchError
from bench.hops import arrivals, bare_hops_tencent, create_latency
from tools import http_client
from tools.local import emulator


def test_bare_hops_pass_a_key_on_from_function_to_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with emulator.run_emulator(tmp_path / "emulator.log") as vendor:
        with bare_hops_tencent.beside(vendor, tmp_path / "hops") as hops:
            assert hops.milliseconds("passes/0") > 0
            assert hops.milliseconds("passes/1") > 0
            monkeypatch.setattr(arrivals, "_LIMIT_SECONDS", 0.5)
            with pytest.raises(BenchError, match="lost"):
                hops.milliseconds("elsewhere/0")
        broken = bare_hops_tencent._CODE.replace("call_json", "no_such_call")
        monkeypatch.setattr(bare_hops_tencent, "_CODE", broken)
        with (
            bare_hops_tencent.beside(vendor, tmp_path / "broken") as hops,
            pytest.raises(BenchError, match="lost"),
        ):
            hops.milliseconds("passes/2")


def test_a_message_arrives_when_it_is_noted() -> None:
    with arrivals.receiving() as receiver:
        timer = threading.Timer(0.1, receiver.note, ["a"])
        timer.start()
        first = receiver.wait_for("a")
        assert receiver.wait_for("a") == first


@pytest.mark.parametrize(("expected", "status"), [(201, 429), (401, 201)])
def test_an_answer_of_another_kind_is_not_measured(
    expected: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(*_: object) -> http_client.Response:
        return http_client.Response(status, b"")

    monkeypatch.setattr(http_client, "request", answer)
    with pytest.raises(BenchError, match=f"{status} and not {expected}"):
        create_latency._milliseconds("http://127.0.0.1:1", {}, b"", expected)
