"""`liveproof evidence get`: what it writes of what the API names."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.verification import Decision
from liveproof.ports import Records
from tests.support.command_line import Liveproof, terraform_outputs
from tests.support.verifications import numbered, verdict
from tests.support.web_application import running

ID = f"ver_{1:026d}"


class Api:
    """The API and the bucket: the names of the frames are the test's."""

    def __init__(self) -> None:
        self.frames = ["best_frame.jpg"]

    async def answer(self, request: web.Request) -> web.Response:
        url = str(request.url.origin())
        if request.path == f"/v1/verifications/{ID}/evidence":
            return web.json_response(
                {
                    "manifest": {"name": "manifest.json", "url": f"{url}/manifest"},
                    "frames": [{"name": name, "url": f"{url}/frame"} for name in self.frames],
                    "manifest_missing": None,
                    "frames_missing": None,
                }
            )
        return web.Response(body=f"the bytes of {request.path}".encode())


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture(autouse=True)
def deployment(
    api: Api, records: Records, named: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A deployment with a decided verification, whose API is this one."""
    entry = lifecycle.decided(numbered(1), verdict(Decision.PASSED))
    records.save(replace(entry, version=0))
    app = web.Application()
    app.router.add_get("/{path:.*}", api.answer)
    with running(app) as url:
        terraform_outputs(tmp_path, f"sqlite:///{tmp_path / 'records.sqlite'}", url=url)
        monkeypatch.setenv("LIVEPROOF_API_KEY", "lp_key")
        yield


def test_biometric_files_are_their_owners_alone_whatever_lay_there_before(
    liveproof: Liveproof, tmp_path: Path
) -> None:
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "best_frame.jpg").write_bytes(b"of an earlier time")
    (folder / "best_frame.jpg").chmod(0o644)

    done = liveproof("evidence", "get", ID, "--to", folder)

    assert (done.status, done.err) == (0, "")
    written = {path.name: path for path in folder.iterdir()}
    assert set(written) == {"manifest.json", "best_frame.jpg"}
    assert written["best_frame.jpg"].read_bytes() == b"the bytes of /frame"
    assert {stat.S_IMODE(path.stat().st_mode) for path in written.values()} == {0o600}


@pytest.mark.parametrize("name", ["../above", "/tmp/absolute-of-a-hostile-api", "..", "a/b", ""])
def test_a_name_that_leads_out_of_the_folder_is_refused(
    liveproof: Liveproof, api: Api, tmp_path: Path, name: str
) -> None:
    api.frames = [name]

    done = liveproof("evidence", "get", ID, "--to", tmp_path / "evidence")

    assert done.status == 1
    assert "names a file" in done.err
    assert not (tmp_path / "evidence").exists()
    assert not (tmp_path / "above").exists()
