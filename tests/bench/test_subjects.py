"""What the benchmarks compare does the same on both sides, and does it at all."""

import hashlib
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bench import emulator_rate, encoding, interpreters, sizes, verify_md5
from bench.cold_start import cold_import, function_names
from bench.figure import BenchError
from bench.interpreters import Program
from bench.presigning import presign_cos, presign_s3
from tools import ROOT
from tools.local.tencent import unpacked


def test_every_function_is_measured_on_the_clouds_that_have_it() -> None:
    folders = {path.name for path in (ROOT / "functions").iterdir() if path.is_dir()}
    on_aws, on_tencent = function_names.functions("aws"), function_names.functions("tencent")
    assert {*on_aws, *on_tencent} == folders - {"__pycache__"}
    assert set(on_aws) >= {"create_upload", "run_check"}
    assert "api" not in on_aws
    assert set(on_tencent) >= {"api", "run_check"}


@pytest.fixture(scope="module")
def aws() -> cold_import.Side:
    return cold_import.aws()


@pytest.mark.parametrize("name", function_names.functions("aws"))
def test_a_handler_brings_its_clouds_adapters_or_its_import_is_not_measured(
    name: str, aws: cold_import.Side
) -> None:
    program = aws.handlers[name]
    assert interpreters.run_once(program)[0] > 0
    with pytest.raises(BenchError, match=r"did not import liveproof\.clouds\.aws"):
        interpreters.run_once(replace(program, environment={}))


def test_a_function_on_scf_is_imported_from_its_package_alone(tmp_path: Path) -> None:
    package = tmp_path / "sweep"
    with unpacked.code() as packages:
        shutil.copytree(packages["sweep"], package)
        program = replace(cold_import.tencent(packages).handlers["sweep"], path=(package,))
    assert interpreters.run_once(program)[0] > 0
    (package / "msgspec" / "__init__.py").unlink()
    with pytest.raises(BenchError, match="msgspec"):
        interpreters.run_once(program)


def test_urls_for_s3_that_sign_different_headers_are_not_compared() -> None:
    own = presign_s3._ours()()
    presign_s3._require_same_headers(own, presign_s3._theirs()())
    fewer = own.replace("content-md5%3B", "")
    with pytest.raises(BenchError, match="different headers"):
        presign_s3._require_same_headers(own, fewer)


def test_urls_for_cos_that_sign_different_headers_are_not_compared() -> None:
    own, theirs = interpreters.run_once(presign_cos.alternating(rounds=0))[1]["urls"]
    assert "content-md5%3B" in own
    presign_cos.require_same_headers([own, theirs])
    with pytest.raises(BenchError, match="different headers"):
        presign_cos.require_same_headers([own, theirs.replace("content-md5%3B", "")])
    with pytest.raises(BenchError, match="different headers"):
        presign_cos.require_same_headers([own.partition("?")[0]] * 2)


def test_an_upload_with_other_bytes_than_declared_is_no_measurement(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\x1f\x8b" + bytes(5000))
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    assert verify_md5._prove(path, digest) > 0
    with pytest.raises(BenchError, match="did not prove the bytes"):
        verify_md5._prove(path, "0" * 32)


def test_boto3_in_a_zip_is_found_wherever_it_lies(tmp_path: Path) -> None:
    archive = tmp_path / "layer.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("python/liveproof/clouds/aws/boto3_notes.py", "")
        opened.writestr("python/liveproof/__pycache__/times.cpython-313.pyc", "xyz")
    assert sizes.contents(archive) == {"unpacked_bytes": 3, "bytecode_files": 1}
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("python/boto3/__init__.py", "x")
    with pytest.raises(BenchError, match="python/boto3"):
        sizes.contents(archive)


def test_a_fresh_interpreter_measures_only_between_its_marks() -> None:
    source = "time.sleep(0.2)\nSTARTED = CLOCK()\nENDED = STARTED + 0.001\nRESULT = INPUT\n"
    taken, result = interpreters.run_once(Program(source, {"a": 1}))
    assert round(taken, 3) == 1.0
    assert result == {"a": 1}


def test_the_processors_time_has_no_waiting_in_it() -> None:
    program = Program("STARTED = CLOCK()\ntime.sleep(0.2)\nENDED = CLOCK()\n")

    assert interpreters.run_once(program)[0] >= 200
    assert interpreters.run_once(program, "process_time")[0] < 100


def test_a_program_that_fails_says_why() -> None:
    with pytest.raises(BenchError, match="no such thing"):
        interpreters.run_once(Program("sys.exit('no such thing')"))


@pytest.mark.parametrize(("name", "own", "bare"), encoding.WAYS)
def test_files_are_encoded_to_the_same_text_on_both_sides(
    name: str, own: encoding.Encode, bare: encoding.Encode
) -> None:
    data = bytes(range(256)) * 3000
    encoding.require_same(own, bare, data)
    with pytest.raises(BenchError, match="different text"):
        encoding.require_same(lambda data: own(data[1:]), bare, data)


def test_an_emulator_that_gives_no_verdict_is_not_measured() -> None:
    emulator_rate._require_verdict(200, b'{"Response": {"Result": "Success"}}')
    for status, answer in [
        (500, b'{"Response": {"Result": "Success"}}'),
        (200, b'{"Response": {"Error": {"Code": "RequestLimitExceeded"}}}'),
        (200, b'{"Response": {"Result": "FailedOperation.LivessDetectFake"}}'),
    ]:
        with pytest.raises(BenchError, match=str(status)):
            emulator_rate._require_verdict(status, answer)


def test_both_clouds_sdks_are_imported_in_their_locked_versions(aws: cold_import.Side) -> None:
    with unpacked.code() as packages:
        sides = aws, cold_import.tencent(packages)
        for side in sides:
            assert interpreters.run_once(side.floor)[0] > 0
    with pytest.raises(BenchError, match="qcloud_cos"):
        interpreters.run_once(replace(sides[1].floor, path=()))


def test_a_function_has_the_same_name_in_both_clouds_packages(tmp_path: Path) -> None:
    for name in ("liveproof", "runCheck"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as opened:
            opened.writestr("a.py", bytes(5000 if name == "liveproof" else 1))
    names = [(size.name, size.at_most) for size in sizes._aws(tmp_path)]
    assert names == [("sizes.aws.layer", 1.0), ("sizes.aws.run_check", None)]

    about = {"run_check": {"zip": "runCheck.zip"}}
    (tmp_path / "packages.json").write_text(json.dumps(about))
    names = [(size.name, size.at_most) for size in sizes._tencent(tmp_path)]
    assert names == [("sizes.tencent.run_check", 1.0)]

    (tmp_path / "liveproof.zip").unlink()
    with pytest.raises(BenchError, match="no layer"):
        list(sizes._aws(tmp_path))
