"""`liveproof evidence verify` and `key`: what they say of a manifest, cause by cause."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liveproof.evidence.manifest import signed
from liveproof.evidence.objects import manifest_key
from liveproof.webhooks.keys import PrivateKey, parse_key, public_key_text
from tests.support.checks import FRAME, answer
from tests.support.command_line import Liveproof
from tests.support.deployment import IMAGE, Deployment
from tests.support.evidence import PUBLIC_KEY, SEED, put_evidence_keys

OTHER = public_key_text(PrivateKey(bytes(32)).public_key())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A manifest with its frame beside it, as `evidence get` makes it."""
    deployment = Deployment()
    put_evidence_keys(deployment)
    deployment.check.script = [answer(frame=True)]
    entry = deployment.deliver(deployment.run_check(deployment.ready()))
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    (evidence / "manifest.json").write_bytes(
        deployment.bucket.objects[manifest_key(deployment.load(entry.id))]
    )
    (evidence / "best_frame.jpg").write_bytes(FRAME)
    return evidence


def codes(liveproof: Liveproof, folder: Path, *arguments: str) -> tuple[int, dict[str, str]]:
    done = liveproof("evidence", "verify", folder, *arguments, "--json")
    return done.status, {line["check"]: line["code"] for line in done.lines}


def test_a_genuine_manifest_with_its_files_is_genuine(liveproof: Liveproof, folder: Path) -> None:
    (folder / "photo.jpg").write_bytes(IMAGE)
    status, problem_codes = codes(liveproof, folder, "--key", PUBLIC_KEY)

    assert (status, problem_codes) == (
        0,
        {"manifest": "ok", "signature": "ok", "best_frame.jpg": "ok", "photo.jpg": "ok"},
    )
    done = liveproof("evidence", "verify", folder / "manifest.json", "--key", PUBLIC_KEY)
    assert done.out.splitlines()[-1] == "genuine"
    assert "the proven file of image" in done.out


def test_a_manifest_that_was_only_formatted_anew_is_genuine(
    liveproof: Liveproof, folder: Path
) -> None:
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_bytes()), indent=2), encoding="utf-8")

    assert codes(liveproof, folder, "--key", PUBLIC_KEY)[0] == 0


def edited(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    def edit(folder: Path) -> None:
        file = folder / "manifest.json"
        document = json.loads(file.read_bytes())
        change(document)
        file.write_text(json.dumps(document), encoding="utf-8")

    return edit


@pytest.mark.parametrize(
    ("change", "check", "code"),
    [
        (edited(lambda it: it["decision"].update(decision="rejected")), "signature", "invalid"),
        (edited(lambda it: it["inputs"]["image"].update(sha256="0")), "signature", "invalid"),
        (edited(lambda it: it["signature"].update(value="x")), "signature", "malformed"),
        (edited(lambda it: it["signature"].update(key_id="x")), "signature", "unknown_key"),
        (
            edited(lambda it: it["signature"].update(algorithm="none")),
            "signature",
            "unknown_algorithm",
        ),
        (edited(lambda it: it.update(format="liveproof-evidence/9")), "manifest", "unknown_format"),
        (edited(lambda it: it.pop("signature")), "manifest", "no_manifest"),
        (
            edited(lambda it: it["frames"][0].update(key=f"e/{'x' * 5000}")),
            "signature",
            "invalid",
        ),
        (lambda it: (it / "manifest.json").write_bytes(b"{"), "manifest", "not_json"),
        (lambda it: (it / "manifest.json").write_bytes(b'{"a":1,"a":2}'), "manifest", "not_json"),
        (lambda it: (it / "best_frame.jpg").write_bytes(b"x"), "best_frame.jpg", "wrong_size"),
        (
            lambda it: (it / "best_frame.jpg").write_bytes(b"x" * len(FRAME)),
            "best_frame.jpg",
            "wrong_md5",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_it_says_what_is_wrong(
    liveproof: Liveproof, folder: Path, change: Callable[[Path], object], check: str, code: str
) -> None:
    change(folder)
    status, problem_codes = codes(liveproof, folder, "--key", PUBLIC_KEY)

    assert (status, problem_codes[check]) == (1, code)


@pytest.mark.parametrize(
    "forged",
    [
        {"frames": 1}, {"frames": [1]}, {"frames": {"a": 1}}, {"frames": [{"key": []}]},
        {"inputs": [1]}, {"inputs": {"image": 1}}, {"inputs": {"image": {"sha256": []}}},
    ],
    ids=str,
)  # fmt: skip
def test_a_forged_document_of_another_form_is_judged_as_well(
    liveproof: Liveproof, folder: Path, forged: dict[str, Any]
) -> None:
    """It was an error that nobody foresaw, which said nothing of the signature."""
    edited(lambda it: it.update(forged))(folder)
    status, problem_codes = codes(liveproof, folder, "--key", PUBLIC_KEY)

    assert (status, problem_codes) == (1, {"manifest": "no_manifest", "signature": "invalid"})


def test_a_key_that_had_ended_when_it_was_signed_is_a_fault(
    liveproof: Liveproof, folder: Path, tmp_path: Path
) -> None:
    entry = {"id": "x", "public_key": PUBLIC_KEY, "not_after": "2020-01-01T00:00:00.000Z"}
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [], "evidence_keys": [entry]}), encoding="utf-8")

    status, problem_codes = codes(liveproof, folder, "--keys", str(keys))
    assert (status, problem_codes["signature"]) == (1, "key_ended")

    entry["not_after"] = "2100-01-01T00:00:00.000Z"
    keys.write_text(json.dumps({"keys": [], "evidence_keys": [entry]}), encoding="utf-8")
    assert codes(liveproof, folder, "--keys", str(keys))[0] == 0


def test_a_manifest_of_somebody_elses_key_names_both(liveproof: Liveproof, folder: Path) -> None:
    done = liveproof("evidence", "verify", folder, "--key", OTHER)

    assert done.status == 1
    assert "you trust" in done.out
    assert done.out.splitlines()[-1] == "NOT GENUINE"


@pytest.mark.parametrize(
    "arguments",
    [[], ["--key", "whpk_x"], ["--key", "whsec_x"], ["--keys", "/nowhere"]],
    ids=" ".join,
)
def test_without_a_key_nothing_is_genuine(
    liveproof: Liveproof, folder: Path, arguments: list[str]
) -> None:
    assert liveproof("evidence", "verify", folder, *arguments).status == 2


def test_a_missing_frame_is_said_and_is_no_fault(liveproof: Liveproof, folder: Path) -> None:
    (folder / "best_frame.jpg").unlink()

    assert codes(liveproof, folder, "--key", PUBLIC_KEY) == (
        0,
        {"manifest": "ok", "signature": "ok", "best_frame.jpg": "not_beside"},
    )


def test_a_new_key_signs_and_its_public_key_verifies(liveproof: Liveproof, folder: Path) -> None:
    (made,) = liveproof("evidence", "key", "--json").lines
    key = parse_key(made["key"])
    assert isinstance(key, PrivateKey)
    file = folder / "manifest.json"
    document = json.loads(file.read_bytes())
    del document["signature"]
    file.write_bytes(signed(document, key))

    assert codes(liveproof, folder, "--key", made["public_key"])[0] == 0
    assert made["id"] == json.loads(file.read_bytes())["signature"]["key_id"]
    assert base64.b64encode(SEED).decode() not in made["key"]
