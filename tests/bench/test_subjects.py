"""What the benchmarks compare does the same on both sides, and does it at all."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from bench import (
    cold_import,
    emulator_rate,
    encoding,
    interpreters,
    presign,
    sizes,
    verify_md5,
)
from bench.figure import BenchError
from bench.interpreters import Program
from local import ROOT


def test_every_deployed_function_has_its_cold_import_measured() -> None:
    folders = {each.name for each in (ROOT / "functions").iterdir() if each.is_dir()}
    assert set(cold_import.function_names()) == folders - {"__pycache__"}


def test_urls_that_sign_different_headers_are_not_compared() -> None:
    own = presign._ours()()
    presign._require_same_headers(own, presign._theirs()())
    fewer = own.replace("content-md5%3B", "")
    with pytest.raises(BenchError, match="different headers"):
        presign._require_same_headers(own, fewer)


def test_an_upload_with_other_bytes_than_declared_is_no_measurement(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\x1f\x8b" + bytes(5000))
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    assert verify_md5._prove(path, digest) > 0
    with pytest.raises(BenchError, match="asked for the step deliver_result"):
        verify_md5._prove(path, "0" * 32)


def test_boto3_in_a_zip_is_found_wherever_it_lies(tmp_path: Path) -> None:
    archive = tmp_path / "layer.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("python/liveproof/clouds/aws/boto3_notes.py", "")
    assert sizes._unpacked_bytes(archive) == 0
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("python/boto3/__init__.py", "x")
    with pytest.raises(BenchError, match="python/boto3"):
        sizes._unpacked_bytes(archive)


def test_a_fresh_interpreter_measures_only_between_its_marks() -> None:
    source = (
        "time.sleep(0.2)\nSTARTED = time.perf_counter()\nENDED = STARTED + 0.001\nRESULT = GIVEN\n"
    )
    taken, result = interpreters.measured(Program(source, {"a": 1}))
    assert round(taken, 3) == 1.0
    assert result == {"a": 1}


def test_a_program_that_fails_says_why() -> None:
    with pytest.raises(BenchError, match="no such thing"):
        interpreters.measured(Program("sys.exit('no such thing')"))


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
