"""The tables of regions in the pages of both deployments, from data/regions.json."""

from __future__ import annotations

from liveproof import facts

FACES = "faceid"


def table(cloud: str) -> str:
    """Where the vendor judges faces, and which region of the cloud goes with it."""
    return _aws() if cloud == "aws" else _tencent()


def _aws() -> str:
    rows = ["| place | AWS region | `vendorRegion` |", "|---|---|---|"]
    for name, region in facts.regions().items():
        if FACES in region.vendor and region.aws is not None:
            enable = " (enable it in the account)" if region.aws_opt_in else ""
            rows.append(f"| {region.place} | `{region.aws}`{enable} | `{name}` |")
    return "\n".join(rows)


def _tencent() -> str:
    rows = ["| the vendor judges in | `region` | `vendor_region` | `file_transfer` |"]
    rows.append("|---|---|---|---|")
    for name, region in facts.regions().items():
        where = name if region.functions else region.nearest_functions
        if FACES in region.vendor and where is not None:
            way = "bucket" if where == name else "relay"
            rows.append(f"| {region.place} | `{where}` | `{name}` | `{way}` |")
    return "\n".join(rows)
