"""Whether a request for a verification fits its check. Every refusal names field and limit."""

from __future__ import annotations

import json

from liveproof import facts
from liveproof.checks.check import Check, CheckMismatch
from liveproof.dependencies import Dependencies
from liveproof.domain.requests import MAX_METADATA_BYTES, CreateVerification, DeclaredInput
from liveproof.domain.verification import Challenge
from liveproof.facts import CheckFacts
from liveproof.settings import Settings
from liveproof.use_cases.errors import InvalidRequest


def validate(dependencies: Dependencies, request: CreateVerification) -> Check:
    """The check that the request asks for.

    Raises:
        InvalidRequest: the check is not served, or the request breaks one of its rules.
    """
    check = _check(dependencies, request.check)
    check_facts = check.facts
    missing = sorted(set(check_facts.inputs) - set(request.inputs))
    if missing:
        raise InvalidRequest(
            f"{request.check} needs {' and '.join(check_facts.inputs)}", f"inputs.{missing[0]}"
        )
    for name, declared in request.inputs.items():
        _validate_input(dependencies.settings, request.check, check_facts, name, declared)
    if request.threshold is not None and request.threshold > check_facts.threshold_max:
        raise InvalidRequest(f"must be at most {check_facts.threshold_max:g}", "threshold")
    _validate_metadata(request)
    if request.consent_reference is None and dependencies.settings.require_consent:
        raise InvalidRequest("is required in this deployment", "consent_reference")
    sizes = {name: declared.size for name, declared in request.inputs.items()}
    try:
        check.validate(sizes, parse_challenge(request))
    except CheckMismatch as refusal:
        raise InvalidRequest(refusal.detail, refusal.field) from None
    return check


def parse_challenge(request: CreateVerification) -> Challenge | None:
    """The request's challenge as it is stored; None if it has none."""
    declared = request.challenge
    return None if declared is None else Challenge(type=declared.type, data=declared.data)


def _check(dependencies: Dependencies, name: str) -> Check:
    check = dependencies.checks.get(name)
    if check is not None:
        return check
    if name in facts.checks():
        region = dependencies.settings.vendor_region
        raise InvalidRequest(
            f"{name} is not switched on here, or not served in {region}; "
            f"there are {', '.join(dependencies.checks)}",
            "check",
        )
    raise InvalidRequest(f"must be one of {', '.join(dependencies.checks)}", "check")


def _validate_input(
    settings: Settings, check: str, check_facts: CheckFacts, name: str, declared: DeclaredInput
) -> None:
    where = f"inputs.{name}"
    if name not in check_facts.inputs:
        raise InvalidRequest(f"{check} takes {' and '.join(check_facts.inputs)} only", where)
    content_types = check_facts.inputs[name].content_types
    if declared.content_type not in content_types:
        raise InvalidRequest(f"must be one of {', '.join(content_types)}", f"{where}.content_type")
    limit = settings.largest_file(check, name)
    if declared.size > limit:
        raise InvalidRequest(f"must be at most {limit} bytes", f"{where}.size")


def _validate_metadata(request: CreateVerification) -> None:
    size = len(json.dumps({"metadata": request.metadata, "reference": request.reference}))
    if size > MAX_METADATA_BYTES:
        raise InvalidRequest(
            f"with the reference it may take {MAX_METADATA_BYTES} bytes of ASCII JSON, not {size}",
            "metadata",
        )
