"""A bill of materials (CycloneDX 1.6) of what is deployed to a cloud, and of what builds it.

The same release has the same bytes: no time of the build, and a serial number that follows from the
content.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tools.release.distributions import Distribution

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class NotLocked(Exception):
    """A package holds a version that no lock file names."""


def document(
    cloud: str,
    version: str,
    released: datetime,
    distributions: Iterable[Distribution],
    lock: Path,
    node_lock: Path | None = None,
) -> str:
    """The document, as JSON.

    Args:
        cloud: aws or tencent.
        version: of liveproof.
        released: the time of the released commit.
        distributions: what the cloud's packages hold.
        lock: the requirements with the hashes of the files that pip accepts.
        node_lock: the package-lock.json of what builds the packages, if Node.js does.

    Raises:
        NotLocked: with the package.
    """
    hashes = locked_hashes(lock.read_text(encoding="utf-8"))
    components = [_deployed(distribution, hashes) for distribution in distributions]
    if node_lock is not None:
        components += _build_tools(json.loads(node_lock.read_text(encoding="utf-8")))
    subject = Component(
        name=f"liveproof-{cloud}",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=f"liveproof-{cloud}@{version}",
        licenses=[LicenseExpression("Apache-2.0")],
    )
    names = "\n".join(sorted(str(component.purl) for component in components))
    bom = Bom(
        components=components,
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"liveproof-{cloud} {version}\n{names}"),
        metadata=BomMetaData(component=subject, timestamp=released),
    )
    bom.register_dependency(
        subject, [component for component in components if _is_required(component)]
    )
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    return text + "\n"


def locked_hashes(lock: str) -> dict[tuple[str, str], list[str]]:
    """Name and version to the SHA-256 of each file that a lock accepts."""
    hashes: dict[tuple[str, str], list[str]] = {}
    current: list[str] = []
    for line in lock.splitlines():
        if pin := _PIN.match(line):
            current = hashes.setdefault((pin[1].lower(), pin[2]), [])
        current += _HASH.findall(line)
    return hashes


def _deployed(distribution: Distribution, hashes: dict[tuple[str, str], list[str]]) -> Component:
    try:
        accepted = hashes[distribution.name, distribution.version]
    except KeyError:
        raise NotLocked(f"{distribution.name} {distribution.version} is in no lock file") from None
    return Component(
        name=distribution.name,
        version=distribution.version,
        type=ComponentType.LIBRARY,
        scope=ComponentScope.REQUIRED,
        bom_ref=f"pypi/{distribution.name}@{distribution.version}",
        purl=PackageURL("pypi", None, distribution.name, distribution.version),
        licenses=[LicenseExpression(distribution.licence)],
        # A lock accepts a file for each platform, so these are no hashes of one component.
        properties=[Property(name="liveproof:locked:sha256", value=digest) for digest in accepted],
    )


def _build_tools(lock: dict[str, Any]) -> list[Component]:
    """npm's packages, which build the template and are not deployed."""
    components: dict[str, Component] = {}
    for path, package in lock["packages"].items():
        if not path:
            continue
        name, version = path.rpartition("node_modules/")[2], package["version"]
        algorithm, _, digest = package["integrity"].partition("-")
        group, _, short = name.rpartition("/")
        components[f"{name}@{version}"] = Component(
            name=short,
            group=group or None,
            version=version,
            type=ComponentType.LIBRARY,
            scope=ComponentScope.EXCLUDED,
            bom_ref=f"npm/{name}@{version}",
            purl=PackageURL("npm", group or None, short, version),
            licenses=[LicenseExpression(package["license"])] if "license" in package else [],
            hashes=[HashType(alg=_ALGORITHMS[algorithm], content=_hex(digest))],
            properties=[Property(name="liveproof:use", value="build")],
        )
    return list(components.values())


_ALGORITHMS = {"sha512": HashAlgorithm.SHA_512, "sha1": HashAlgorithm.SHA_1}


def _hex(digest: str) -> str:
    return base64.b64decode(digest).hex()


def _is_required(component: Component) -> bool:
    return component.scope is ComponentScope.REQUIRED
