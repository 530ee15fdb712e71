"""Whether the vendor judges in the place of the deployment."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof import facts
from liveproof.environment_names import PREFIX
from liveproof_cli.doctor.examination import Examination
from liveproof_cli.doctor.findings import Finding, failed, ok, warning
from liveproof_cli.doctor.probe import Probe


def _examine(examination: Examination) -> Iterator[Finding]:
    pairs = {
        (settings[f"{PREFIX}REGION"], settings[f"{PREFIX}VENDOR_REGION"], _is_allowed(settings))
        for result in examination.self_tests.values()
        if f"{PREFIX}REGION" in (settings := result.settings)
        and f"{PREFIX}VENDOR_REGION" in settings
    }
    if not pairs:
        yield from examination.unanswered()
    for region, vendor, allowed in sorted(pairs):
        yield _of_pair(examination, region, vendor, allowed=allowed)


def _is_allowed(settings: dict[str, str]) -> bool:
    return settings.get(f"{PREFIX}ALLOW_DISTANT_VENDOR_REGION", "false").lower() == "true"


def _of_pair(examination: Examination, region: str, vendor: str, *, allowed: bool) -> Finding:
    cloud = examination.deployment.cloud
    if region != examination.deployment.region:
        return failed(
            f"the functions say that they are in {region}, and the deployment is in"
            f" {examination.deployment.region}",
            "deploy again, with the region that is meant.",
        )
    beside = facts.vendor_region_beside(cloud, region)
    if vendor == beside:
        return ok(f"the vendor judges in {vendor}, the place of {region}")
    place = f"beside it is {beside}" if beside else "no region of the vendor's is beside it"
    says = f"the vendor judges in {vendor}, and the deployment is in {region}: {place}"
    if allowed or examination.distant_region:
        by = "the setting" if allowed else "--allow-distant-region"
        return warning(f"{says}; {by} allows it", "make sure that faces may travel there.")
    return failed(
        says, "deploy in the vendor's place, or allow it: setting allowDistantVendorRegion."
    )


PROBE = Probe("region", "Is the vendor's region in the place of the cloud's?", _examine)
