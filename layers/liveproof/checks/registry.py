"""The checks of a deployment: one entry per check, made from its settings."""

from __future__ import annotations

from collections.abc import Mapping

from liveproof import facts
from liveproof.checks.check import Check
from liveproof.checks.photo import Photo
from liveproof.checks.reflect import Reflect
from liveproof.checks.silent import Silent
from liveproof.checks.video import Video
from liveproof.ports import Secrets
from liveproof.settings import Settings
from liveproof.vendors.senseid.api import SenseId
from liveproof.vendors.tencent.api import TencentApi
from liveproof.vendors.tencent.reflect_sequence import ReflectSequences


def checks_of(settings: Settings, secrets: Secrets) -> Mapping[str, Check]:
    """Every check that the settings switch on and that the vendor serves in the pinned region."""
    region, key = settings.vendor_region, settings.vendor_key_secret
    faceid = TencentApi(settings.vendor_endpoint, region, secrets, key)
    iai = TencentApi(settings.iai_endpoint, region, secrets, key)
    known: list[Check] = [
        Reflect(faceid),
        Video(faceid, settings.video_api, settings.best_frames),
        Photo(iai),
    ]
    if settings.senseid_url:
        senseid = SenseId(settings.senseid_url, secrets, settings.senseid_key_secret)
        known.append(Silent(senseid))
    return {check.name: check for check in known if _served(check, region)}


def reflect_sequences_of(settings: Settings, secrets: Secrets) -> ReflectSequences:
    """The source of light sequences."""
    return ReflectSequences(
        TencentApi(
            settings.vendor_endpoint, settings.vendor_region, secrets, settings.vendor_key_secret
        )
    )


def _served(check: Check, region: str) -> bool:
    regions = facts.apis()[check.api.action].regions
    return not regions or region in regions
