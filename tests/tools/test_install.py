"""make's installations: an error is one sentence with the next step."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools import ROOT, install, uv


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as an installation reads."""
    folder = tmp_path / "a checkout"
    (folder / "tools").mkdir(parents=True)
    for name in ("__init__.py", "install.py", "uv.py"):
        shutil.copy(ROOT / "tools" / name, folder / "tools")
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    return folder


def installing(folder: Path, extra: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith(("PIP_", "UV_"))
    }
    environment |= {"PYTHONPATH": str(folder), "PIP_NO_CACHE_DIR": "1", **(extra or {})}
    return subprocess.Popen(
        [sys.executable, "-m", "tools.install", "run"],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_without_a_network_the_way_out_is_a_registry_that_is_reached(checkout: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    with installing(checkout, nowhere) as process:
        output, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert output == ""  # of `make local` the first line of standard output is JSON
    assert "no package registry can be reached. Connect this machine to a network once" in said
    assert "Traceback" not in said
    assert not (checkout / ".venv" / ".installed").exists()


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ("ERROR: HTTP error 403 while getting", "did not hand out a locked package"),
        ("error: `uv` was not found in the package registry", "did not hand out"),
        ("npm error code ENOTFOUND", "no package registry can be reached"),
        ("error: dns error: failed to lookup", "no package registry can be reached"),
        ("OSError: [Errno 28] No space left on device", "the disk of"),
        ("something else", "build/install.log says why"),
    ],
)
def test_an_error_of_an_installer_becomes_a_sentence(log: str, says: str) -> None:
    assert says in install.explanation(log, "pip's settings")


def test_a_second_installation_waits_for_the_first_and_does_nothing_twice(checkout: Path) -> None:
    (checkout / "build").mkdir()
    with (checkout / "build" / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with installing(checkout) as process:
            assert process.stderr is not None
            assert "another make installs into this checkout" in process.stderr.readline()
            (checkout / ".venv").mkdir()
            (checkout / ".venv" / ".installed").touch()  # the first has ended well
            newer = time.time() + 10
            os.utime(checkout / ".venv" / ".installed", (newer, newer))
            fcntl.flock(lock, fcntl.LOCK_UN)
            process.communicate(timeout=60)
    assert process.returncode == 0
    assert not (checkout / ".venv" / "bin").exists()


def test_a_checkout_that_cannot_be_written_says_so(checkout: Path) -> None:
    (checkout / "build").write_text("as a folder that is not to be had")
    with installing(checkout) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "clone it into a folder that you may write" in said
    assert "Traceback" not in said


def test_pip_s_settings_are_uv_s_and_the_stronger_one_counts(tmp_path: Path) -> None:
    listed = (
        ":env:.index-url='http://own/simple'\nglobal.index-url='http://other/simple'\n"
        f"global.find-links='/none {tmp_path}'\nfreeze.timeout='10'\n"
    )
    assert uv.pip_settings(listed) == {
        "index-url": "http://own/simple", "find-links": f"/none {tmp_path}",
    }  # fmt: skip
    base = {"PATH": os.environ["PATH"], "PIP_INDEX_URL": "http://own/simple", "UV_INDEX": "mine"}
    base["PIP_FIND_LINKS"], base["PIP_CONFIG_FILE"] = f"/none {tmp_path}", os.devnull
    variables = uv.environment(Path(sys.executable), base)
    assert variables["UV_DEFAULT_INDEX"] == "http://own/simple"
    assert variables["UV_FIND_LINKS"] == str(tmp_path)
    assert variables["UV_INDEX"] == "mine"


class Registry:
    """A package registry that has one version of the package demo."""

    def __init__(self, folder: Path, version: str) -> None:
        self.name = f"demo-{version}-py3-none-any.whl"
        information = f"demo-{version}.dist-info"
        files = {
            "demo.py": "",
            f"{information}/METADATA": f"Metadata-Version: 2.1\nName: demo\nVersion: {version}\n",
            f"{information}/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
            f"{information}/RECORD": "",
        }
        place = folder / "demo"
        place.mkdir(parents=True)
        with ZipFile(place / self.name, "w") as wheel:
            for name, text in files.items():
                wheel.writestr(name, text)
        (place / "index.html").write_text(f'<a href="{self.name}">{self.name}</a>')
        self.digest = hashlib.sha256((place / self.name).read_bytes()).hexdigest()


def test_a_second_registry_of_pip_s_settings_need_not_have_the_locked_version(
    tmp_path: Path,
) -> None:
    """pip looks into all of them. uv stopped at the first that knew the package's name."""
    locked = Registry(tmp_path / "default", "2.0")
    Registry(tmp_path / "extra", "1.0")
    lock = tmp_path / "lock.txt"
    lock.write_text(f"demo==2.0 --hash=sha256:{locked.digest}\n")
    base = {name: text for name, text in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{server.server_port}"
        settings = {
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": f"{origin}/default/",
            "PIP_EXTRA_INDEX_URL": f"{origin}/extra/",
            "UV_CACHE_DIR": str(tmp_path / "cache"),
        }
        python = Path(sys.executable)
        target = tmp_path / "installed"
        done = subprocess.run(
            uv.install(python, "--target", target, "--require-hashes", "-r", lock),
            env=uv.environment(python, {**base, **settings}),
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        server.shutdown()
    assert done.returncode == 0, done.stderr
    assert (target / "demo.py").exists()


def test_an_older_python_is_named_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    assert install.main(["run"]) == 1
    assert "make PYTHON=python3.12" in capsys.readouterr().err
