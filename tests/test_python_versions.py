"""The oldest and the deployed Python: what runs here runs there.

Every interpreter that is found compiles the deployed code, and runs the pure domain where msgspec
can be imported. What could not be run is said, not passed over: see the skip's reason (-rs).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VERSIONS = ("3.10", "3.13")
_DOMAIN = """
import json
from liveproof.domain import ids, lifecycle
from liveproof.domain.states import STATES, Status, allowed_before
from liveproof.domain.verification import CallOutcome, Decision, Input, Reason, Verdict
from liveproof.domain.verification import Verification
import msgspec
now = 1795000000000
entry = Verification(id=ids.new_verification_id(now), client="c", check="reflect", region="r",
    created_at=now, expires_at=now + 1, threshold=70.0,
    inputs={"image": Input(md5="0" * 32, size=1, content_type="x/y", keys=("k",))})
entry = lifecycle.input_proven(entry, "image", "k", now)
entry = lifecycle.call_intended(entry, "A", "r", now, now + 1)
entry = lifecycle.call_sent(entry, now, now + 1)
entry = lifecycle.call_settled(entry, now, CallOutcome.ANSWERED, lease_until=now + 1)
reason = Reason(code="passed", message="m")
entry = lifecycle.decided(entry, Verdict(decision=Decision.PASSED, reason=reason, decided_at=now))
assert msgspec.json.decode(msgspec.json.encode(entry), type=Verification) == entry
assert set(STATES) == set(Status) and allowed_before(Status.AWAITING_UPLOAD)
from liveproof import facts, settings, times
assert all(facts.code_table(name).codes for name in facts.PRODUCTS)
assert facts.reasons() and facts.checks() and facts.webhook_schedule()
from liveproof.webhooks import message, sender, signing
from liveproof.webhooks.addresses import is_public
assert message.body_of(entry) and is_public("8.8.8.8") and not is_public("fec0::1")
print("domain ran")
"""


def interpreter(version: str) -> str | None:
    """An interpreter of this version that really starts: on PATH, or one of pyenv's."""
    found = [shutil.which(f"python{version}")]
    roots = [os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv")]
    for root in roots:
        if root:
            folders = sorted(Path(root, "versions").glob(f"{version}.*"))
            found += [str(folder / "bin" / "python") for folder in folders]
    for candidate in found:
        if candidate is None:
            continue
        asked = run(candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
        if asked.returncode == 0 and asked.stdout.strip() == version:
            return candidate
    return None


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'layers'}:{ROOT}"}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment, cwd=ROOT
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_the_deployed_code_compiles_without_a_warning(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"NOT RUN: there is no python{version} here")
    code = (
        "import pathlib, sys, warnings; warnings.simplefilter('error')\n"
        "paths = [p for d in sys.argv[1:] for p in pathlib.Path(d).rglob('*.py')]\n"
        "[compile(p.read_text('utf-8'), str(p), 'exec') for p in paths]; print(len(paths))"
    )
    done = run(python, "-c", code, "layers", "functions")

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 50


@pytest.mark.parametrize("version", VERSIONS)
def test_the_pure_domain_runs(version: str) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"NOT RUN: there is no python{version} here")
    if run(python, "-c", "import msgspec").returncode != 0:
        pytest.skip(f"NOT RUN: python{version} is here and compiles the code, but has no msgspec")
    done = run(python, "-W", "error", "-c", _DOMAIN)

    assert (done.returncode, done.stdout.strip()) == (0, "domain ran"), done.stderr


def test_the_same_domain_script_runs_here() -> None:
    done = run(sys.executable, "-W", "error", "-c", _DOMAIN)

    assert (done.returncode, done.stdout.strip()) == (0, "domain ran"), done.stderr
