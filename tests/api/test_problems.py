"""How HTTP answers errors: every refusal has a row, and other errors show nothing of themselves."""

from __future__ import annotations

import pytest

from liveproof.api.http import problem_response
from liveproof.api.problems import PROBLEMS, problem_document, problem_of
from liveproof.ports import SecretUnusable
from liveproof.use_cases.errors import InvalidRequest, Refusal, RetryLater

STATUSES = {
    "InvalidRequest": (400, "invalid_request"),
    "Unauthorized": (401, "unauthorized"),
    "NotFound": (404, "not_found"),
    "InvalidState": (409, "not_allowed_now"),
    "NotDecided": (409, "not_decided"),
    "Erased": (410, "erased"),
    "EvidenceExpired": (410, "evidence_expired"),
    "BodyTooLarge": (413, "request_too_large"),
    "IdempotencyKeyReused": (422, "idempotency_key_reused"),
    "VendorFailed": (502, "vendor_failed"),
    "TooSoon": (429, "too_soon"),
    "TooManyAttempts": (429, "too_many_attempts"),
    "TooManyOpen": (429, "too_many_open"),
    "SpendLimitReached": (429, "spend_limit_reached"),
    "FilesRejected": (429, "files_already_rejected"),
    "VendorBusy": (503, "vendor_busy"),
}


REFUSALS = [*Refusal.__subclasses__(), *RetryLater.__subclasses__()]
REFUSALS.remove(RetryLater)


def refused(kind: type[Refusal], detail: str, field: str) -> Refusal:
    if issubclass(kind, RetryLater):
        return kind(detail, field, retry_after=1)
    return kind(detail, field)


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_has_its_own_status_and_code(kind: type[Refusal]) -> None:
    document = problem_document(refused(kind, "because", "inputs.image"))

    assert (document["status"], document["code"]) == STATUSES[kind.__name__]
    assert (document["detail"], document["field"]) == ("because", "inputs.image")
    assert document["type"] == f"urn:liveproof:problem:{document['code']}"


def test_codes_and_titles_are_unique() -> None:
    assert len({problem.code for problem in PROBLEMS.values()}) == len(PROBLEMS)
    assert len({problem.title for problem in PROBLEMS.values()}) == len(PROBLEMS)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (SecretUnusable("secret api-keys: canary"), 503, "not_configured"),
        (KeyError("canary"), 500, "internal_error"),
    ],
)
def test_an_error_that_is_no_refusal_is_a_fault_of_ours_whose_text_stays_inside(
    error: Exception, status: int, code: str
) -> None:
    """A client tries a 5xx again."""
    document = problem_document(error)

    assert (document["status"], document["code"]) == (status, code)
    assert problem_response(error).status == status
    assert "canary" not in str(document)
    assert "field" not in document


def test_a_subclass_is_answered_as_its_nearest_base() -> None:
    class Misspelt(InvalidRequest):
        pass

    assert problem_of(Misspelt("no such field")) is PROBLEMS[InvalidRequest]


def test_long_and_broken_text_is_cut_and_made_valid() -> None:
    document = problem_document(InvalidRequest("\ud800" * 501, "x" * 201))

    assert document["detail"] == "?" * 500 + "..."
    assert document["field"] == "x" * 200 + "..."
