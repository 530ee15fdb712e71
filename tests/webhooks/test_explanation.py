"""An endpoint's answer in plain words."""

from __future__ import annotations

import re

import pytest

from liveproof.domain.delivery import WebhookResponse
from liveproof.webhooks.explanation import explain_response
from tests.docs.pages import text_of


def answered(status: int) -> WebhookResponse:
    return WebhookResponse(status, None, 12)


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_a_2xx_is_a_success_without_advice(status: int) -> None:
    explanation = explain_response(answered(status))
    assert explanation.meaning == (
        f"The endpoint answered {status} after 12 ms. It accepts webhooks."
    )
    assert explanation.advice is None


@pytest.mark.parametrize(
    ("status", "part"),
    [
        (400, "not what they expect"),
        (401, "signature does not match"),
        (403, "firewall"),
        (404, "path"),
        (405, "POST"),
        (410, "no more webhooks"),
        (413, "4 kB"),
        (415, "application/json"),
        (429, "rate of requests"),
        (300, "not followed"),
        (308, "not followed"),
        (399, "not followed"),
        (418, "2xx"),
        (499, "2xx"),
        (500, "log"),
        (599, "log"),
        (100, "2xx"),
    ],
)
def test_any_other_status_comes_with_an_advice(status: int, part: str) -> None:
    explanation = explain_response(answered(status))
    assert f"answered {status} after 12 ms." in explanation.meaning
    assert explanation.advice is not None
    assert part in explanation.advice


def test_every_error_that_the_page_lists_has_a_meaning_and_an_advice() -> None:
    rows = text_of("webhooks.md").partition("| `no_endpoint` |")[2].partition("\n\n")[0]
    codes = ["no_endpoint", *re.findall(r"^\| `(\w+)`", rows, re.MULTILINE)]
    assert {"timed_out", "network_down", "tls_failed"} <= set(codes)
    for code in codes:
        explanation = explain_response(WebhookResponse(None, code, 0))
        assert explanation.meaning.endswith(".")
        assert explanation.advice is not None
