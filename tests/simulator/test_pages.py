"""docs/planning.md says what the simulator answers, and its picture shows the same."""

from __future__ import annotations

import msgspec
import pytest

from simulator import pages
from simulator.answer import build_answer
from simulator.examples import CLOUDS, plans
from simulator.plan import Cloud
from simulator.simulation import Simulation
from tests.simulator.runs import plan, run


@pytest.fixture(scope="module")
def bursts() -> dict[str, Simulation]:
    """The page's first plan of each cloud after its run."""
    return {name: run(plans()[name]) for name in (f"{cloud}.reflect" for cloud in CLOUDS)}


def test_the_tables_of_the_page_are_those_of_the_kept_answers() -> None:
    assert pages.PAGE.read_text("utf-8") == pages.page(pages.read()), "run make plans"


def test_every_plan_of_the_page_is_kept_and_no_other() -> None:
    assert set(pages.read()) <= set(plans())
    assert {name for name in plans() if not name.endswith(".large")} <= set(pages.read())


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_kept_answer_of_a_burst_is_what_the_code_does_now(
    cloud: Cloud, bursts: dict[str, Simulation]
) -> None:
    name = f"{cloud}.reflect"
    kept, now = pages.read()[name].answer, build_answer(bursts[name])

    (then_check,), (now_check,) = kept.checks, now.checks
    assert now_check.decisions == then_check.decisions
    assert now_check.ratio == pytest.approx(then_check.ratio, rel=0.02), "run make plans"
    assert now_check.put_to_decision.p95 == pytest.approx(
        then_check.put_to_decision.p95, rel=0.05
    ), "run make plans"
    assert now.use.messages == pytest.approx(kept.use.messages, rel=0.05), "run make plans"
    assert now.use.record_writes == pytest.approx(kept.use.record_writes, rel=0.05)


def test_the_picture_of_equal_runs_is_equal() -> None:
    one, other = (pages.draw_picture({"aws.reflect": run(plan("aws", 20))}) for _ in range(2))

    assert one == other
    assert one != pages.draw_picture({"aws.reflect": run(plan("aws", 20, seed=2))})


def test_the_picture_of_the_page_shows_both_clouds() -> None:
    drawn = pages.PICTURE.read_text("utf-8")

    assert drawn.startswith("<svg")
    for words in ("AWS: a burst of 1 000", "Tencent Cloud: a burst of 1 000", "decisions"):
        assert words in drawn


def test_kept_answers_are_read_as_they_were_written() -> None:
    kept = pages.read()["aws.reflect"]

    assert msgspec.json.decode(msgspec.json.encode(kept), type=pages.Kept) == kept
