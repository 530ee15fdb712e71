"""The checks of a deployment: one entry per check, made from its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from liveproof.checks.check import Check
from liveproof.checks.faceid import FileAccess
from liveproof.checks.photo import Photo
from liveproof.checks.reflect import Reflect
from liveproof.checks.silent import Silent
from liveproof.checks.video import Video
from liveproof.ports import Secrets
from liveproof.secret_documents import vendor_key
from liveproof.settings import Settings
from liveproof.vendors.senseid.api import SenseId
from liveproof.vendors.tencent.api import TencentApi
from liveproof.vendors.tencent.reflect_sequence import ReflectSequences


class Vendors(NamedTuple):
    """What a deployment asks of its vendors.

    Attributes:
        checks: every check that is switched on and served in the pinned region, by its name.
        reflect_sequences: the source of light sequences, the first step of `reflect`.
    """

    checks: Mapping[str, Check]
    reflect_sequences: ReflectSequences


def build_vendors(settings: Settings, secrets: Secrets, files: FileAccess | None = None) -> Vendors:
    """The vendors of a deployment. Nothing is asked of them, and no secret is read.

    Args:
        files: how Face ID gets its files; None: by the relay.
    """
    region, key = settings.vendor_region, vendor_key(secrets, settings.vendor_key_secret)
    replaced = key.is_replaced
    faceid = TencentApi(settings.vendor_endpoint, region, key, is_replaced=replaced)
    checks: list[Check] = [
        Reflect(faceid, files),
        Video(faceid, settings.video_api, settings.best_frame_count, files),
        Photo(TencentApi(settings.iai_endpoint, region, key, is_replaced=replaced)),
    ]
    if settings.senseid_url:
        senseid = SenseId(settings.senseid_url, secrets, settings.senseid_key_secret)
        checks.append(Silent(senseid))
    served = {check.name: check for check in checks if _is_served(check, region)}
    return Vendors(served, ReflectSequences(faceid))


def _is_served(check: Check, region: str) -> bool:
    """Whether the check's API is served in the region. One without regions is served everywhere."""
    return not check.api.regions or region in check.api.regions
