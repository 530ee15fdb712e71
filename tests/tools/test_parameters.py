"""An unusable parameter is refused before a local cloud starts, with the nearest valid name."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tools import ROOT
from tools.demo.user_files import UserFiles
from tools.local import cloud
from tools.local.tencent import bucket
from tools.parameters import pairs
from tools.processes import UsageError


def make(target: str, *parameters: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("IMAGE", "VIDEO", "CLOUD")}
    return subprocess.run(
        ["make", "--no-print-directory", target, *parameters],
        cwd=ROOT, env={**kept, **environment},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("--param vendorRegion", "--param vendorRegion: it has to be --param NAME=VALUE"),
        ("--param =a", "it has to be --param NAME=VALUE"),
        (
            "--param bestFrameCount=1 --param bestFrameCount=2",
            "--param bestFrameCount is given twice",
        ),
        ("--param vendor_region=ap-hongkong", "has no vendor_region: is it vendorRegion?"),
    ],
)
def test_make_local_names_the_unusable_parameter(arguments: str, text: str) -> None:
    done = make("local", f"ARGS={arguments}")
    assert done.returncode == 2
    assert text in done.stderr
    assert "Error 2" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("name", "parameter", "nearest"),
    [
        ("aws", "vendor_region", "is it vendorRegion?"),
        ("aws", "bestFrame", "is it bestFrameCount?"),
        ("tencent", "vendorRegion", "is it vendor_region?"),
        ("tencent", "cors_origin", "is it cors_origins?"),
        ("tencent", "local_retry_second", "is it local_retry_seconds?"),
        ("tencent", "local_strict_signatures", "is it local_strict_signature?"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_nearest(
    name: str, parameter: str, nearest: str
) -> None:
    with (
        pytest.raises(UsageError, match=f"has no {parameter}: ") as refused,
        cloud.run_cloud(name, {parameter: "1"}),
    ):
        pass
    assert nearest in str(refused.value)


def test_a_name_that_is_like_none_is_refused_without_a_guess() -> None:
    with (
        pytest.raises(UsageError, match=r"has no colour\Z"),
        cloud.run_cloud("aws", {"colour": "1"}),
    ):
        pass


def test_a_value_may_have_every_character() -> None:
    assert pairs(["a=b=c", "d="]) == {"a": "b=c", "d": ""}


STRANGE = '-it\'s $HOME "of" `x` #1.jpg'


def test_a_file_name_is_taken_as_it_is_and_a_useless_file_stops_the_demo(tmp_path: Path) -> None:
    path = tmp_path / "a folder" / STRANGE
    path.parent.mkdir()
    path.write_text("no picture")
    for done in (make("demo", f"IMAGE={path}"), make("demo", IMAGE=str(path))):
        assert done.returncode == 2
        assert "IMAGE= goes to: no check" in done.stderr
        assert "IMAGE= is not for photo, the sample is: it takes jpeg, png, bmp" in done.stderr
        assert done.stdout == ""
    gone = make("demo", f"VIDEO={path}.mp4")
    assert (gone.returncode, f"VIDEO={path}.mp4: No such file" in gone.stderr) == (2, True)


def test_a_relative_name_with_a_leading_dash_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(STRANGE).write_bytes(b"x")
    own = UserFiles.of({"IMAGE": STRANGE})
    assert own.image is not None
    assert own.image.data == b"x"


def test_the_bucket_s_settings_are_those_of_the_infrastructure() -> None:
    rules = bucket._cors(ROOT / "infra" / "tencent", ["https://a.example", "https://b&c.example"])
    text = rules.decode()
    assert text.count("<AllowedOrigin>") == 2
    assert "https://b&amp;c.example" in text
    assert "<AllowedMethod>PUT</AllowedMethod>" in text
    assert "<AllowedHeader>x-cos-forbid-overwrite</AllowedHeader>" in text
    host = "b-1250000000.cos.ap-singapore.myqcloud.com"
    policy = bucket._policy(ROOT / "infra" / "tencent", host).decode()
    assert "qcs::cos:ap-singapore:uid/1250000000:b-1250000000/uploads/*" in policy
    assert "${" not in policy
