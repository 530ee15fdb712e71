"""Licences: read from packages, and refused if they are not on the list."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import pytest

from tools import ROOT
from tools.packaging.wheels import lock_for
from tools.release import advisories, distributions, licences
from tools.release.distributions import Distribution
from tools.release.sbom import locked_hashes


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("Apache-2.0 AND (BSD-3-Clause OR LGPL-2.1-only)", True),
    ],
)
def test_one_of_two_to_choose_from_is_enough_and_of_two_together_both_count(
    expression: str, allowed: bool
) -> None:
    assert licences.is_allowed(expression) is allowed


def test_everything_that_may_be_deployed_has_an_allowed_licence() -> None:
    """As this environment has them: its lock has the versions of the deployed ones."""
    pins = {
        pin
        for name in ("layer.txt", "scf.txt")
        for pin in locked_hashes(
            lock_for((ROOT / "requirements" / name).read_text(encoding="utf-8"), "3.13")
        )
    }
    deployed = [
        distributions.from_metadata(distribution(name).read_text("METADATA") or "")
        for name, _ in pins
        if name != "pycparser"
    ]
    assert len(deployed) > 10
    assert {(distribution.name, distribution.version) for distribution in deployed} <= set(
        advisories.locked()
    )
    assert [
        distribution for distribution in deployed if not licences.is_allowed(distribution.licence)
    ] == []


def test_the_list_names_each_package_once_with_its_clouds() -> None:
    some, other = Distribution("some", "1", "MIT"), Distribution("other", "2", "ISC")
    page = licences.page({"AWS": [some], "Tencent Cloud": [some, other]})
    assert "| some | 1 | MIT | AWS, Tencent Cloud |" in page
    assert "| other | 2 | ISC | Tencent Cloud |" in page


def test_a_licence_that_is_not_allowed_refuses_the_list_and_names_the_package() -> None:
    with pytest.raises(licences.NotAllowed, match=r"bad \(GPL-3\.0-only\)"):
        licences.page({"AWS": [Distribution("bad", "1", "GPL-3.0-only")]})


def test_packages_are_found_in_folders(tmp_path: Path) -> None:
    folder = tmp_path / "python" / "Some_Thing-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Name: Some_Thing\nVersion: 1.0\nLicense-Expression: MIT\n")
    assert distributions.in_folder(tmp_path) == [Distribution("some-thing", "1.0", "MIT")]


def test_a_package_that_does_not_say_its_licence_is_refused() -> None:
    with pytest.raises(distributions.LicenceUnknown, match=r"some 1\.0 .*: Proprietary"):
        distributions.from_metadata("Name: some\nVersion: 1.0\nLicense: Proprietary\n")
