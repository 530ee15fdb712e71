"""A probe that fails in its middle leaves no file behind, and its calls count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tools.demo.samples import Sample
from tools.demo.user_files import UserFiles
from tools.http_client import Response
from tools.verify_deployment.budget import Budget, TooExpensive
from tools.verify_deployment.deployment import Deployment
from tools.verify_deployment.free_probes import upload_seen
from tools.verify_deployment.paid_probes import judged
from tools.verify_deployment.probe import Context, DidNotHold

FILES = {"image": Sample(b"face", "image/jpeg")}


class Standing(Deployment):
    """A deployment that takes a file as it is told to, and cannot be read any more."""

    paired_check = "reflect"

    def __init__(self, status: int = 200) -> None:
        super().__init__("https://api.example", "lp_key")
        self.status = status
        self.deleted: list[str] = []

    def create(self, check: str, files: Mapping[str, Sample], **more: Any) -> dict[str, Any]:
        return {"id": "ver_1", "uploads": dict.fromkeys(files)}

    def put(
        self, upload: Mapping[str, Any], data: bytes, headers: Mapping[str, str] | None = None
    ) -> Response:
        return Response(self.status, b"")

    def wait(
        self, verification_id: str, until: Callable[[dict[str, Any]], bool], seconds: float
    ) -> dict[str, Any]:
        raise ConnectionResetError("by peer")

    def delete(self, verification_id: str) -> None:
        self.deleted.append(verification_id)


def context(deployment: Deployment) -> Context:
    return Context(deployment, UserFiles(), Budget(1.5, 0.5))


def test_a_verification_that_cannot_be_read_any_more_counts_as_billed() -> None:
    """The next probes had the whole budget again, and together they could pass it."""
    deployment = Standing()
    world = context(deployment)
    with pytest.raises(ConnectionResetError):
        judged(world, "photo", FILES)
    assert world.budget.spent == 1.0
    with pytest.raises(TooExpensive):
        world.budget.reserve("photo")
    assert deployment.deleted == ["ver_1"]


def test_a_refused_file_costs_nothing_and_the_verification_is_deleted() -> None:
    deployment = Standing(status=403)
    world = context(deployment)
    with pytest.raises(DidNotHold, match="HTTP 403"):
        judged(world, "photo", FILES)
    assert world.budget.spent == 0.0
    assert deployment.deleted == ["ver_1"]


@pytest.mark.parametrize("status", [200, 403])
def test_a_free_probe_that_fails_deletes_its_verification(status: int) -> None:
    deployment = Standing(status)
    with pytest.raises((DidNotHold, OSError)):
        upload_seen(context(deployment))
    assert deployment.deleted == ["ver_1"]


def test_the_calls_of_a_decided_verification_count_as_its_ledger_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment = Standing()
    decided = {"decision": "resubmit", "calls": []}
    monkeypatch.setattr(deployment, "wait", lambda *_: decided)
    world = context(deployment)
    assert judged(world, "photo", FILES) == decided
    assert world.budget.spent == 0.0


def test_an_undecided_verification_counts_as_every_call_that_may_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment = Standing()
    undecided = {"decision": None, "calls": [{"billable": "yes"}]}
    monkeypatch.setattr(deployment, "wait", lambda *_: undecided)
    world = context(deployment)
    with pytest.raises(DidNotHold, match="undecided"):
        judged(world, "photo", FILES)
    assert world.budget.spent == 1.0
