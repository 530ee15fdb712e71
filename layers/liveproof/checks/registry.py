"""The checks of a deployment: one entry per check, made from its settings."""

from __future__ import annotations

from collections.abc import Mapping

from liveproof.checks.check import Check
from liveproof.checks.photo import Photo
from liveproof.checks.reflect import Reflect
from liveproof.checks.silent import Silent
from liveproof.checks.video import Video
from liveproof.ports import Secrets
from liveproof.secret_documents import vendor_key
from liveproof.settings import Settings
from liveproof.vendors.senseid.api import SenseId
from liveproof.vendors.tencent.api import TencentApi
from liveproof.vendors.tencent.files import VendorFiles
from liveproof.vendors.tencent.reflect_sequence import ReflectSequences


def checks_of(
    settings: Settings, secrets: Secrets, files: VendorFiles | None = None
) -> Mapping[str, Check]:
    """Every check that the settings switch on and that the vendor serves in the pinned region.

    Args:
        files: how Face ID gets its files; None: by the relay.
    """
    region, key = settings.vendor_region, vendor_key(secrets, settings.vendor_key_secret)
    faceid = TencentApi(settings.vendor_endpoint, region, key)
    iai = TencentApi(settings.iai_endpoint, region, key)
    known: list[Check] = [
        Reflect(faceid, files),
        Video(faceid, settings.video_api, settings.best_frame_count, files),
        Photo(iai),
    ]
    if settings.senseid_url:
        senseid = SenseId(settings.senseid_url, secrets, settings.senseid_key_secret)
        known.append(Silent(senseid))
    return {check.name: check for check in known if _served(check, region)}


def reflect_sequences_of(settings: Settings, secrets: Secrets) -> ReflectSequences:
    """The source of light sequences."""
    key = vendor_key(secrets, settings.vendor_key_secret)
    return ReflectSequences(TencentApi(settings.vendor_endpoint, settings.vendor_region, key))


def _served(check: Check, region: str) -> bool:
    return not check.api.regional or region in check.api.regions
