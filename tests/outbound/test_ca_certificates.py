"""Whom outbound TLS trusts: an authority of certifi's list, in either of its forms."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import certifi
import pytest

from liveproof.outbound import connection
from liveproof.outbound.ca_certificates import authorities_path
from liveproof.outbound.errors import NeverSent
from tests.support.exchanges import ask, at, whole
from tests.support.servers import answering, certificate, http, serving
from tools.packaging import authorities

OK = answering(http(200, b"ok"))


def bundle(authority: Path, folder: Path) -> Path:
    """A file as certifi's, with the authority behind all others, and no newline at its end."""
    path = folder / "cacert.pem"
    last = authority.read_bytes().rstrip()
    path.write_bytes(Path(certifi.where()).read_bytes() + b"\n# Label\n" + last)
    return path


def in_files(authority: Path, folder: Path) -> Path:
    authorities.split(bundle(authority, folder), folder / "authorities")
    return folder / "authorities"


def test_where_nothing_is_packed_they_are_in_certifis_file() -> None:
    context = ssl.create_default_context(cafile=authorities_path())

    assert authorities_path() == Path(certifi.where())
    assert len(context.get_ca_certs()) > 50


@pytest.mark.parametrize("made", [bundle, in_files], ids=["one file", "a file for each"])
def test_a_listed_authority_is_trusted_and_no_other(
    made: Callable[[Path, Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "listed").mkdir()
    (tmp_path / "other").mkdir()
    listed, context = certificate(tmp_path / "listed")
    _, unlisted = certificate(tmp_path / "other")
    trusted = made(listed, tmp_path)
    monkeypatch.setattr(connection, "authorities_path", lambda: trusted)

    with serving(OK, context) as server:
        assert whole(ask(at(server, "https"))) == b"ok"
    with serving(OK, unlisted) as server, pytest.raises(NeverSent) as refused:
        ask(at(server, "https"))
    assert refused.value.why == "tls_failed"


def test_every_authority_of_the_list_has_a_file_and_authorities_of_one_name_have_several(
    tmp_path: Path,
) -> None:
    first, _ = certificate(tmp_path)
    folder = in_files(first, tmp_path)
    again = tmp_path / "again.pem"
    again.write_bytes(first.read_bytes() * 2)
    authorities.split(again, tmp_path / "twice")

    whole_list = (tmp_path / "cacert.pem").read_bytes().count(b"-----BEGIN CERTIFICATE-----")
    assert len(list(folder.iterdir())) == whole_list
    assert sorted(file.suffix for file in (tmp_path / "twice").iterdir()) == [".0", ".1"]


def test_a_list_without_a_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("# Nothing\n")

    with pytest.raises(ValueError, match=r"empty\.pem has no certificate"):
        authorities.split(tmp_path / "empty.pem", tmp_path / "folder")
