"""The Kotlin client: its own tests, and whole uploads to both local clouds."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from liveproof import __version__
from tests.acceptance.client import Client
from tests.clients.kotlin.driver import FOLDER, Driver, built
from tools.local.cloud import LocalCloud

MAVEN = {"m": "http://maven.apache.org/POM/4.0.0"}


@pytest.fixture
def client(local_cloud: LocalCloud) -> Client:
    return Client(local_cloud, random.Random())


@pytest.fixture
def photo(client: Client, tmp_path: Path) -> tuple[dict[str, Any], Path]:
    """A verification that awaits a photo, and the photo."""
    files = client.files(check="photo")
    path = tmp_path / "photo.jpg"
    path.write_bytes(files["image"].data)
    return client.create(files, "photo"), path


def test_the_clients_version_is_liveproofs() -> None:
    version = _xml(FOLDER / "pom.xml").findtext("m:version", namespaces=MAVEN)
    assert version == __version__


def test_the_clients_own_tests_pass() -> None:
    reports = (built() / "target" / "surefire-reports").glob("*.xml")
    cases = [case for report in reports for case in _xml(report).iter("testcase")]
    assert len(cases) >= 25
    assert [case.get("name") for case in cases if case.find("failure") is not None] == []
    assert [case.get("name") for case in cases if case.find("error") is not None] == []
    assert [case.get("name") for case in cases if case.find("skipped") is not None] == []


def test_the_fingerprint_is_what_a_server_declares(kotlin: Driver, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(random.Random(1).randbytes(200_000))
    md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    assert kotlin.ask("fingerprint", path) == [md5, "200000"]


def test_an_uploaded_file_leads_to_a_decision_and_a_second_upload_is_already_stored(
    client: Client, photo: tuple[dict[str, Any], Path], kotlin: Driver
) -> None:
    created, path = photo
    upload = created["uploads"]["image"]
    size = str(path.stat().st_size)
    assert kotlin.ask("upload", path, upload) == ["stored", size]
    assert kotlin.ask("upload", path, upload)[0] == "already stored"
    assert client.outcome(created["id"])["decision"] == "passed"


def test_a_changed_file_and_changed_headers_are_distinguished(
    photo: tuple[dict[str, Any], Path], kotlin: Driver
) -> None:
    created, path = photo
    upload = created["uploads"]["image"]
    headers = {**upload["headers"], "Content-Type": "image/png"}
    changed = kotlin.ask("upload", path, {**upload, "headers": headers})
    assert changed == ["headers_changed", "403", "SignatureDoesNotMatch"]
    path.write_bytes(path.read_bytes() + b"compressed again")
    assert kotlin.ask("upload", path, upload) == ["file_changed", "null", "null"]


def _xml(path: Path) -> ElementTree.Element:
    """Files of this machine's own Maven."""
    return ElementTree.parse(path).getroot()  # noqa: S314 - a report of our own build
