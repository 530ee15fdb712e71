"""What functions try of the vendors. Nothing of it is paid for."""

from __future__ import annotations

from collections.abc import Callable

from liveproof.secret_documents import vendor_key
from liveproof.self_test.exchanges import SECONDS, TrialFailed, fetch_status
from liveproof.self_test.trials import Subject, Trial
from liveproof.vendors.errors import VendorError, VendorRefused
from liveproof.vendors.tencent.api import TencentApi


def _vendor(subject: Subject) -> Trial:
    """The request is free, and every check but `photo` and `silent` makes it."""
    settings = subject.dependencies.settings
    key = vendor_key(subject.dependencies.secrets, settings.vendor_key_secret)
    api = TencentApi(settings.vendor_endpoint, settings.vendor_region, key)
    target = {"TargetAction": "DetectReflectLivenessAndCompare"}
    try:
        api.ask("faceid", "2018-03-01", "CreateUploadUrl", target, SECONDS)
    except VendorRefused as refused:
        raise TrialFailed(f"the vendor refuses: {refused.code}") from None
    except VendorError as failed:
        raise TrialFailed(f"the vendor does not answer: {failed}") from None
    return Trial("")


def _vendor_clock(subject: Subject) -> Trial:
    _, skew = fetch_status("GET", subject.dependencies.settings.vendor_endpoint, {}, None)
    return Trial("", skew_ms=skew)


def _iai(subject: Subject) -> Trial:
    if "photo" in subject.dependencies.checks:
        fetch_status("GET", subject.dependencies.settings.iai_endpoint, {}, None)
    return Trial("")


def _senseid(subject: Subject) -> Trial:
    if subject.dependencies.settings.senseid_url:
        fetch_status("GET", subject.dependencies.settings.senseid_url, {}, None)
    return Trial("")


METHODS: dict[str, Callable[[Subject], Trial]] = {
    "vendor": _vendor,
    "vendor_clock": _vendor_clock,
    "iai": _iai,
    "senseid": _senseid,
}
