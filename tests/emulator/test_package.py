"""The emulator as a separate package, installed beside nothing of this project."""

import json
import re
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support import environments
from tools import ROOT

pytestmark = pytest.mark.xdist_group("sdk_acceptance")

# Measured 1.25 on an idle machine; what is over 3 has begun to import or read too much.
_MOST_TIMES_AIOHTTP = 3.0


def _environment() -> Path:
    """The Python of an environment with what the wheel asks for, and what builds it.

    Python compiles what is imported: a fraction.
    """
    return environments.venv("emulator")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ("--no-deps", "--no-build-isolation", "-w", folder, ROOT / "liveproof_emulator")
    environments.pip(_environment(), "wheel", *build)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The folder of programs of that environment with the wheel in it."""
    program = _environment()
    environments.pip(program, "install", "--no-deps", "--force-reinstall", wheel)
    environments.pip(program, "check")
    return program.parent


@contextmanager
def started(command: list[str | Path]) -> Iterator[dict[str, Any]]:
    """A server outside this repository; its first line."""
    running = subprocess.Popen(command, cwd="/", env={"PATH": ""}, stdout=subprocess.PIPE)
    try:
        assert running.stdout is not None
        yield json.loads(running.stdout.readline())
    finally:
        running.terminate()
        running.communicate(timeout=10)


def test_the_wheel_has_every_file_of_the_folder_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        packed = {name for name in opened.namelist() if ".dist-info/" not in name}
    kinds = (".py", ".json", ".md", ".typed")
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "liveproof_emulator").rglob("*")
        if path.suffix in kinds or path.name == "LICENSE"
    }
    assert packed == files


def test_it_asks_for_what_it_imports_and_the_lock_has_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        (name,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = opened.read(name).decode()
    required = set(re.findall(r"^Requires-Dist: ([a-z0-9-]+)", metadata, re.MULTILINE))
    assert required == {"aiohttp", "av", "cryptography", "fastcrc", "pillow", "yarl"}
    lock = (ROOT / "requirements" / "emulator.txt").read_text("utf-8")
    development = (ROOT / "requirements" / "dev.txt").read_text("utf-8")
    for package in required:
        versions = re.findall(rf"^{package}==(\S+)", lock, re.MULTILINE)
        assert versions
        assert versions == re.findall(rf"^{package}==(\S+)", development, re.MULTILINE)


def test_it_is_under_the_project_s_licence() -> None:
    mine = (ROOT / "liveproof_emulator" / "LICENSE").read_bytes()
    assert mine == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize("way", ["script", "module"])
def test_the_installed_emulator_serves_everything(installed: Path, web: Any, way: str) -> None:
    script: list[str | Path] = [installed / "liveproof-emulator"]
    module: list[str | Path] = [installed / "python", "-m", "liveproof_emulator"]
    changes = ["--senseid-key", "k" * 32, "--senseid-iv", "i" * 12]
    with started([*(script if way == "script" else module), *changes]) as first:
        assert first["senseid_url"] == first["url"] + "/senseid"
        assert (first["senseid_key"], first["senseid_iv"]) == ("k" * 32, "i" * 12)
        actions = web("GET", f"{first['url']}/_emulator/scenarios").json()["actions"]
    assert {"CreateUploadUrl", "/quality/face/stateless"} <= set(actions)


def test_a_wrong_senseid_key_is_a_plain_error(installed: Path) -> None:
    command: list[str | Path] = [installed / "liveproof-emulator", "--senseid-key", "short"]
    done = subprocess.run(command, cwd="/", capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().count("\n") == 1


def test_it_starts_not_much_slower_than_its_web_server_is_imported(installed: Path) -> None:
    def serve() -> float:
        begun = time.perf_counter()
        with started([installed / "liveproof-emulator"]):
            return time.perf_counter() - begun

    def only_import() -> float:
        begun = time.perf_counter()
        environments.run([installed / "python", "-c", "import aiohttp"])
        return time.perf_counter() - begun

    # Both by turns, and the best of each: other work on the machine slows both.
    times = [(serve(), only_import()) for _ in range(4)]
    ratio = min(serving for serving, _ in times) / min(importing for _, importing in times)
    assert ratio < _MOST_TIMES_AIOHTTP
