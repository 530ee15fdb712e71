import importlib
import json
from collections.abc import Iterator

import pytest

from bench import __main__ as command
from bench.figure import BenchError, Figure
from bench.presigning import presign


def measured(ratio: float) -> Figure:
    return Figure("presign.warm", ratio, "us", 1.0, "the baseline", at_most=0.5)


def run_with(figures: Iterator[Figure], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(presign, "measure", lambda: figures)
    return command.main(["--only", "presign"])


def test_standard_output_has_one_json_line_per_figure_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_with(iter([measured(0.2), measured(0.3)]), monkeypatch) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["ratio"] for line in lines] == [0.2, 0.3]


def test_a_missed_goal_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_with(iter([measured(0.2), measured(0.6)]), monkeypatch) == 1
    assert "1 of 2 goals met" in capsys.readouterr().err


def test_a_benchmark_that_fails_is_named_and_the_command_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Iterator[Figure]:
        yield measured(0.2)
        raise BenchError("the bucket answered 500")

    assert run_with(broken(), monkeypatch) == 1
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1
    assert "not measured: presign: the bucket answered 500" in captured.err


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.main(["--only", "nothing"])
    assert stopped.value.code == 2
    assert "invalid choice: 'nothing'" in capsys.readouterr().err


@pytest.mark.parametrize("module", command.BENCHMARKS.values(), ids=command.BENCHMARKS)
def test_every_listed_benchmark_can_be_measured(module: str) -> None:
    assert callable(importlib.import_module(f"bench.{module}").measure)
