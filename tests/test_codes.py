"""Code tables against the vendors' lists and the emulator; what an unknown code leads to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from liveproof import facts, observability
from liveproof.checks.reading import interpret
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Decision
from liveproof.facts import ApiFacts, CodeKind, VendorCode
from liveproof.observability import Metric
from liveproof_emulator.catalogue import Catalogue
from liveproof_emulator.senseid.catalogue import ENDPOINTS
from tests.support.checks import answer
from tests.support.deployment import Deployment

SEEDS = json.loads((Path(__file__).parent / "data" / "seed_codes.json").read_text())
ENTRIES = [
    (product, code) for product in facts.PRODUCTS for code in facts.code_table(product).codes
]
PASSING = {
    "faceid": {"Success"},
    "iai": {"Success"},
    "senseid": {"1000", "ok"},
    "saas": {"0"},
}
DECISIONS = {
    CodeKind.PASSED: {Decision.PASSED},
    CodeKind.REJECTED: {Decision.REJECTED},
    CodeKind.BAD_INPUT: {Decision.RESUBMIT},
    CodeKind.RETRYABLE: {Decision.ERROR},
    CodeKind.RATE_LIMITED: {Decision.ERROR},
    CodeKind.OPERATOR_ACTION: {Decision.ERROR},
}
CALLED = sorted({api.codes for api in facts.apis().values()})
VENDOR_CODE = re.compile(r"[A-Z][A-Za-z]+(\.[A-Za-z]+)?")
ON_PURPOSE_UNKNOWN = {"FailedOperation.NotInAnyList", "InternalError.NotInAnyList", "4999"}


def entry_of(product: str, code: str) -> VendorCode:
    return facts.code_table(product).codes[code]


# -- the vendors' lists -----------------------------------------------------------------------


def test_the_lists_are_whole() -> None:
    strings = set(SEEDS["faceid"]) | set(SEEDS["iai"])

    # 135 that the documents list, and the one that a note in them names.
    assert len(strings - {"AuthFailure.SignatureFailure"}) == 135
    assert len(SEEDS["saas"]) == len(set(SEEDS["saas"])) == 52
    assert len(SEEDS["senseid"]) == 16
    assert set(SEEDS) - {"note", "date"} == set(facts.PRODUCTS)


@pytest.mark.parametrize("product", facts.PRODUCTS)
def test_every_code_of_the_vendors_lists_has_an_entry_in_its_products_table(product: str) -> None:
    assert set(SEEDS[product]) - set(facts.code_table(product).codes) == set()


def test_a_code_outside_senseids_list_says_so_itself() -> None:
    added = set(facts.code_table("senseid").codes) - set(SEEDS["senseid"])

    assert "not_passed" in added
    for code in added:
        assert "not a code of the vendor" in (entry_of("senseid", code).note or "").lower()


# -- the emulator -----------------------------------------------------------------------------


def emulated() -> dict[str, set[str]]:
    """Every code that the emulator can answer with, by product."""
    catalogue = Catalogue()
    of_actions = {service: set[str]() for service in catalogue.services}
    for action in catalogue.actions.values():
        codes = set(action.facts.texts("codes"))
        codes |= {code for scenario in action.scenarios.values() if (code := scenario.text("code"))}
        of_actions[action.service] |= codes
    somewhere = set[str]().union(*of_actions.values())
    gateway = set(catalogue.codes) - somewhere
    senseid = {
        str(scenario.values["code"])
        for endpoint in ENDPOINTS.values()
        for scenario in endpoint.scenarios.values()
        if "code" in scenario.values
    }
    return {service: codes | gateway for service, codes in of_actions.items()} | {
        "senseid": senseid
    }


@pytest.mark.parametrize("product", ["faceid", "iai", "senseid"])
def test_every_code_of_the_emulator_has_an_entry_but_those_that_are_unknown_on_purpose(
    product: str,
) -> None:
    codes = emulated()[product]

    assert len(codes) > 5
    assert codes - set(facts.code_table(product).codes) - ON_PURPOSE_UNKNOWN == set()
    assert ON_PURPOSE_UNKNOWN & set(facts.code_table(product).codes) == set()


# -- the entries ------------------------------------------------------------------------------


@pytest.mark.parametrize(("product", "code"), ENTRIES)
def test_an_entrys_class_agrees_with_its_reasons_decision(product: str, code: str) -> None:
    entry = entry_of(product, code)

    assert facts.reasons()[entry.reason].decision in DECISIONS[entry.kind]
    assert entry.source


@pytest.mark.parametrize("product", facts.PRODUCTS)
def test_the_codes_that_pass_are_these_few(product: str) -> None:
    codes = facts.code_table(product).codes
    passing = {code for code, entry in codes.items() if entry.kind is CodeKind.PASSED}

    assert passing == PASSING[product]


@pytest.mark.parametrize("product", ["faceid", "iai"])
def test_the_products_codes_are_of_the_vendors_grammar(product: str) -> None:
    assert [c for c in facts.code_table(product).codes if not VENDOR_CODE.fullmatch(c)] == []


def test_internal_error_is_no_family() -> None:
    codes = facts.code_table("faceid").codes
    family = {code: entry for code, entry in codes.items() if code.startswith("InternalError.")}

    assert family["InternalError.CompareLowSimilarity"].kind is CodeKind.REJECTED
    verdicts = {code for code in SEEDS["faceid"] if code.startswith("InternalError.")}
    assert len(verdicts) == 6
    assert {family[code].kind for code in verdicts} <= {CodeKind.REJECTED, CodeKind.BAD_INPUT}
    assert codes["InternalError"].kind is CodeKind.RETRYABLE


def test_only_codes_that_surely_cost_nothing_are_retried_freely() -> None:
    for product, code in ENTRIES:
        entry = entry_of(product, code)
        if entry.kind is CodeKind.RATE_LIMITED and product in CALLED:
            assert entry.billable == "no", (product, code)
        if entry.kind is CodeKind.RETRYABLE:
            assert entry.billable in ("no", "unknown"), (product, code)


def test_a_code_that_the_vendor_is_known_to_bill_is_a_verdict() -> None:
    billed = {(p, c) for p, c in ENTRIES if entry_of(p, c).billable == "yes"}

    assert {("faceid", "Success"), ("faceid", "FailedOperation.CompareLowSimilarity")} <= billed
    for product, code in billed:
        assert entry_of(product, code).kind in (
            CodeKind.PASSED,
            CodeKind.REJECTED,
            CodeKind.BAD_INPUT,
        )


# -- unknown codes ----------------------------------------------------------------------------


def api_of(product: str) -> ApiFacts:
    return next(api for api in facts.apis().values() if api.codes == product)


UNKNOWN = [
    "",
    " ",
    "success",
    "SUCCESS",
    "Success ",
    " Success",
    "Success.",
    "Success\n",
    "FailedOperation.Never.Heard",
    "InternalError.NeverHeard",
    "RequestLimitExceeded.NeverHeard",
    "10000",
    "1000.0",
    "01000",
    "-1",
    "null",
    "None",
    "passed",
    "http302",
    "http599",
]


@pytest.mark.parametrize("product", CALLED)
@pytest.mark.parametrize("code", UNKNOWN)
def test_an_unknown_code_is_an_error_that_says_so_with_any_score(product: str, code: str) -> None:
    check = next(
        check for check in facts.checks().values() if facts.apis()[check.apis[0]].codes == product
    )
    reading = interpret(check, api_of(product), code, check.threshold_max, 0)

    assert (reading.outcome, reading.decision) == (CallOutcome.ANSWERED, Decision.ERROR)
    assert (reading.reason, reading.is_in_table) == ("vendor_code_unknown", False)
    assert reading.billable == "unknown"


@pytest.mark.parametrize("product", CALLED)
def test_an_unknown_code_raises_the_metric_and_passes_nobody(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, product: str
) -> None:
    counted: list[Metric] = []
    monkeypatch.setattr(observability, "count", counted.append)
    monkeypatch.setattr(type(deployment.check), "api", api_of(product))
    deployment.check.script = [answer("Never.Heard", 99.0), answer(None, None, error="Never.Heard")]
    for _ in range(2):
        after = deployment.run_check(deployment.ready())
        deployment.clock.advance(1000)

        assert after.verdict is not None
        assert after.verdict.decision is Decision.ERROR
        assert after.verdict.reason.code == "vendor_code_unknown"
        assert after.calls[0].billable == "unknown"
    assert counted.count(Metric.UNKNOWN_VENDOR_CODE) == 2
