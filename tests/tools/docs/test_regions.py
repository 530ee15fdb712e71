"""The tables of regions: every place where faces are judged, and what runs beside it."""

from __future__ import annotations

import pytest

from liveproof import facts
from liveproof.facts import Region
from tools.docs import regions, tables


def test_aws_has_a_row_for_each_vendor_region_with_a_region_beside_it() -> None:
    rows = regions.table("aws").splitlines()[2:]

    assert "| Hong Kong | `ap-east-1` (enable it in the account) | `ap-hongkong` |" in rows
    assert {row.split("`")[-2] for row in rows} == set(facts.aws_regions().values())


def test_without_functions_in_the_vendors_region_files_are_relayed_from_the_nearest() -> None:
    rows = regions.table("tencent").splitlines()[2:]

    assert "| Singapore | `ap-singapore` | `ap-singapore` | `bucket` |" in rows
    assert "| Bangkok | `ap-singapore` | `ap-bangkok` | `relay` |" in rows


def test_a_new_region_of_the_data_is_in_both_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    new = Region(place="Elsewhere", vendor=("faceid",), aws="xx-east-1", functions=True)
    monkeypatch.setattr(facts, "regions", lambda: {"xx-elsewhere": new})

    assert regions.table("aws").splitlines()[2:] == ["| Elsewhere | `xx-east-1` | `xx-elsewhere` |"]
    assert "`xx-elsewhere` | `xx-elsewhere` | `bucket` |" in regions.table("tencent")


@pytest.mark.parametrize(
    ("name", "count"),
    [("deploy-aws.md", 1), ("deploy-tencent.md", 1), ("quotas.md", 1), ("costs.md", 4)],
)
def test_a_page_has_all_its_tables(name: str, count: int) -> None:
    page = tables.page(name)

    assert page.count("<!-- table: ") == page.count("<!-- end of the table -->") == count


@pytest.mark.parametrize("cloud", ["aws", "tencent"])
def test_a_clouds_page_has_its_table_of_regions(cloud: str) -> None:
    assert regions.table(cloud) in tables.page(f"deploy-{cloud}.md")
