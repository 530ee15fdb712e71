"""The layer: that it is enough to run on, small, and without what Lambda or nobody needs."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools import ROOT
from tools.packaging.aws import layer
from tools.packaging.tencent.zip_writer import zip_folder

MOST_BYTES = 8_000_000
IMPORT_ALL = """
import importlib, sys
sys.path[:0] = [sys.argv[1], sys.argv[2]]
for name in sys.argv[3:]:
    importlib.import_module(f"functions.{name}.handler")
outside = [
    name for name, module in sys.modules.items()
    if "site-packages" in (getattr(module, "__file__", None) or "")
]
sys.exit(f"not from the layer: {outside}" if outside else 0)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer for this interpreter."""
    return layer.build("local", tmp_path_factory.mktemp("layer") / "layer")


def test_every_function_starts_with_the_layer_alone(built: Path) -> None:
    command = [sys.executable, "-S", "-I", "-c", IMPORT_ALL, str(built / "python"), str(ROOT)]
    environment = {
        "LIVEPROOF_CLOUD": "aws",
        "POWERTOOLS_SERVICE_NAME": "liveproof",
        "POWERTOOLS_METRICS_NAMESPACE": "liveproof",
    }
    done = subprocess.run(
        [*command, *layer.functions()], env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


def test_the_same_sources_make_the_same_layer_elsewhere_and_later(
    built: Path, tmp_path: Path
) -> None:
    again = layer.build("local", tmp_path / "elsewhere" / "layer")
    for file in again.rglob("*"):
        os.utime(file, (1, 1))
    assert zip_folder(again) == zip_folder(built)


def test_the_layer_is_small(built: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in built.rglob("*"):
            archive.write(file, file.relative_to(built))

    assert len(packed.getvalue()) <= MOST_BYTES


def test_the_layer_holds_nothing_that_no_function_imports(built: Path) -> None:
    names = {file.name for file in (built / "python").iterdir()}
    files = {file.relative_to(built / "python").as_posix() for file in built.rglob("*.py")}

    assert not names & {"boto3", "botocore", "requests", "urllib3", "cffi"}
    assert not [name for name in files if "liveproof/clouds/tencent" in name or "/tests/" in name]
    assert "liveproof/clouds/aws/records.py" in files
