"""The bill of materials: what is deployed, what only builds, and the same bytes every time."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from tools import ROOT
from tools.release import sbom
from tools.release.distributions import Distribution

RELEASED = datetime(2026, 11, 26, 12, tzinfo=timezone.utc)
LOCK = "some-thing==1.0 \\\n    --hash=sha256:" + "a" * 64 + " \\\n    --hash=sha256:" + "b" * 64
NODE = {
    "packages": {
        "": {"name": "root"},
        "node_modules/@of/tool": {"version": "2.0", "license": "MIT", "integrity": "sha512-AAEC"},
    }
}


@pytest.fixture
def locks(tmp_path: Path) -> tuple[Path, Path]:
    lock, node_lock = tmp_path / "lock.txt", tmp_path / "package-lock.json"
    lock.write_text(LOCK)
    node_lock.write_text(json.dumps(NODE))
    return lock, node_lock


def written(locks: tuple[Path, Path], version: str = "1.0") -> str:
    some = Distribution("some-thing", version, "MIT OR Apache-2.0")
    return sbom.document("aws", "0.1.0", RELEASED, [some], *locks)


def test_it_names_what_is_deployed_and_what_only_builds(locks: tuple[Path, Path]) -> None:
    document: dict[str, Any] = json.loads(written(locks))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["version"] == "0.1.0"
    components = {component["purl"]: component for component in document["components"]}
    some = components["pkg:pypi/some-thing@1.0"]
    assert some["scope"] == "required"
    assert some["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert [property["value"] for property in some["properties"]] == ["a" * 64, "b" * 64]
    tool = components["pkg:npm/%40of/tool@2.0"]
    assert tool["scope"] == "excluded"
    assert tool["hashes"] == [{"alg": "SHA-512", "content": "000102"}]
    (subject,) = (
        dependency
        for dependency in document["dependencies"]
        if dependency["ref"] == "liveproof-aws@0.1.0"
    )
    assert subject["dependsOn"] == [some["bom-ref"]]


def test_the_same_release_has_the_same_bytes(locks: tuple[Path, Path]) -> None:
    assert written(locks) == written(locks)


def test_a_version_that_no_lock_names_is_refused(locks: tuple[Path, Path]) -> None:
    with pytest.raises(sbom.NotLocked, match=r"some-thing 1\.1"):
        written(locks, "1.1")


def test_every_build_tool_of_the_lock_is_named_with_its_hash_and_licence(
    locks: tuple[Path, Path],
) -> None:
    some = Distribution("some-thing", "1.0", "MIT")
    text = sbom.document("aws", "0.1.0", RELEASED, [some], locks[0], ROOT / "package-lock.json")
    tools = [
        component
        for component in json.loads(text)["components"]
        if component["name"] != "some-thing"
    ]
    assert "osls" in {tool["name"] for tool in tools}
    assert all(tool["scope"] == "excluded" for tool in tools)
    assert [tool["name"] for tool in tools if not (tool["hashes"] and tool["licenses"])] == []
