"""The emulator's page names the SDKs' versions that the tests drive."""

import json
import re

from tests.emulator.sdk.drivers import GO, JAVA
from tests.support.environments import NODE
from tools import ROOT

GO_MOD = (GO / "go.mod").read_text("utf-8")
POM = (JAVA / "pom.xml").read_text("utf-8")
README = (ROOT / "liveproof_emulator" / "README.md").read_text("utf-8")


def test_the_readme_names_the_locked_versions() -> None:
    locked = json.loads((NODE / "package.json").read_text("utf-8"))["dependencies"]
    for name, lock in (
        ("tencentcloud-sdk-python-common", "dev"),
        ("tencentcloud-sdk-python-intl-en", "sdk-intl"),
        ("cos-python-sdk-v5", "sdk-cos"),
    ):
        text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
        locked[name] = re.findall(rf"^{name}==(\S+)", text, re.MULTILINE)[0]
    go = re.findall(r"^\t\S+/(tencentcloud-sdk-go/\S+|cos-go\S+) v(\S+)$", GO_MOD, re.MULTILINE)
    java = re.findall(r"<artifactId>(\S+)</artifactId>\s*<version>(\d\S+\.\S+)</version>", POM)
    locked |= dict(go) | {name: version for name, version in java if "maven" not in name}
    rows = dict(re.findall(r"^\| `([a-z0-9_/-]+)` \| (\d+\.\d+\.\d+) \|", README, re.MULTILINE))
    assert rows == locked


def test_the_node_lock_has_no_download_addresses() -> None:
    lock = json.loads((NODE / "package-lock.json").read_text("utf-8"))
    installed = [package for name, package in lock["packages"].items() if name]
    assert all("resolved" not in package and package["integrity"] for package in installed)
