"""Writes build/release: everything that a release consists of."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

from liveproof import __version__
from tools import BUILD, ROOT
from tools.packaging import node
from tools.packaging.aws import template
from tools.packaging.tencent import zips
from tools.packaging.tencent.zip_writer import zip_folder
from tools.processes import ToolError, clean_environment, run
from tools.release import advisories, distributions, licences, sbom

OUTPUT = BUILD / "release"
# osls puts the moment of the build into the keys of its uploads.
_MOMENT = re.compile(r"serverless/liveproof/(\w+)/\d+-[\dT:.Z-]+/")


def build(into: Path = OUTPUT) -> Path:
    """Builds a release of what is committed, and returns its folder.

    Raises:
        ToolError: the tree has changes that are not committed, a package could not be built, or an
            advisory names a version that is deployed.
        licences.NotAllowed, distributions.LicenceUnknown, sbom.NotLocked: as their texts say.
    """
    commit, released = _head()
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    aws, tencent = template.package(), zips.package()
    _write(into, "aws", _aws_package(aws))
    _write(into, "tencent", zip_folder(tencent))
    in_aws = distributions.in_folder(aws / "layer" / "python")
    in_tencent = distributions.in_folder(tencent)
    requirements = ROOT / "requirements"
    bills = {
        "aws": (in_aws, requirements / "layer.txt", ROOT / "package-lock.json"),
        "tencent": (in_tencent, requirements / "scf.txt", None),
    }
    for cloud, (bill, lock, node_lock) in bills.items():
        text = sbom.document(cloud, __version__, released, bill, lock, node_lock)
        (into / f"liveproof-{cloud}-{__version__}.cdx.json").write_text(text, encoding="utf-8")
    listed = licences.page({"AWS": in_aws, "Tencent Cloud": in_tencent})
    (into / "licences.md").write_text(listed, encoding="utf-8")
    _audit(into, released)
    _clients(into)
    _finish(into, commit)
    return into


def normalised(compiled: str) -> str:
    """A compiled template without the moment of its build: the version stands in its place."""
    return _MOMENT.sub(rf"liveproof/\1/{__version__}/", compiled)


def checksums(folder: Path) -> str:
    """A line for each file of a folder, as `sha256sum --check` reads them."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    return "".join(f"{_sha256(folder / name)}  {name}\n" for name in names)


def _head() -> tuple[str, datetime]:
    """The commit and its time. ToolError if the tree has something else."""
    if _git("status", "--porcelain"):
        raise ToolError("there are changes that are not committed: commit or stash them first")
    commit, seconds = _git("log", "-1", "--format=%H %ct").split()
    return commit, datetime.fromtimestamp(int(seconds), tz=timezone.utc)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def _aws_package(built: Path) -> bytes:
    """The template and the zips that it names; the layer's own folder is left out."""
    with tempfile.TemporaryDirectory(prefix="liveproof-") as scratch:
        tree = Path(scratch)
        compiled = (built / "cloudformation.json").read_text(encoding="utf-8")
        (tree / "cloudformation.json").write_text(normalised(compiled), encoding="utf-8")
        for archive in built.glob("*.zip"):
            shutil.copyfile(archive, tree / archive.name)
        return zip_folder(tree)


def _write(into: Path, cloud: str, archive: bytes) -> None:
    (into / f"liveproof-{cloud}-{__version__}.zip").write_bytes(archive)


def _audit(into: Path, released: datetime) -> None:
    extract = json.loads(advisories.EXTRACT.read_text(encoding="utf-8"))
    answer = advisories.audit(extract, advisories.locked(), released.date())
    (into / "audit.json").write_text(json.dumps(answer, indent=2) + "\n", encoding="utf-8")
    if answer["found"]:
        raise ToolError(f"advisories name what is deployed: {answer['found']}")
    print(
        f"The audit knows advisories up to {answer['date']}, {answer['age_days']} days before this"
        " commit, and nothing newer: docs/releasing.md says how to refresh it.",
        file=sys.stderr,
    )


def _clients(into: Path) -> None:
    """The packages of the emulator and of the clients.

    Raises:
        ToolError: a build failed; the text has its log.
    """
    python = [*(ROOT / "clients").glob("*/pyproject.toml"), ROOT / "liveproof_emulator"]
    for project in python:
        folder = project if project.is_dir() else project.parent
        command: list[str | Path] = [
            sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps",
            "--wheel-dir", into, folder,
        ]  # fmt: skip
        run(
            f"pip wheel ({folder.name})",
            command,
            BUILD / "wheel.log",
            clean_environment(),
            ROOT,
            300,
        )
    environment = {**node.choose().environment(clean_environment())}
    pack: list[str | Path] = ["npm", "pack", "--ignore-scripts", "--pack-destination", into]
    typescript = ROOT / "clients" / "typescript"
    run("npm pack", pack, BUILD / "npm-pack.log", environment, typescript, 120)
    _kotlin_client(into)


def _kotlin_client(into: Path) -> None:
    """The jar of the Kotlin client; without Maven a sentence says that it is left out."""
    maven = shutil.which("mvn")
    if maven is None:
        print("The Kotlin client is left out: mvn is not on PATH.", file=sys.stderr)
        return
    built = BUILD / "kotlin"
    shutil.rmtree(built, ignore_errors=True)
    command: list[str | Path] = [
        maven, "--batch-mode", "--quiet", "-DskipTests", f"-Dbuild.folder={built}", "package",
    ]  # fmt: skip
    kotlin = ROOT / "clients" / "kotlin"
    run("mvn package", command, BUILD / "kotlin.log", clean_environment(), kotlin, 600)
    (jar,) = built.glob(f"*-{__version__}.jar")
    shutil.copyfile(jar, into / f"liveproof-client-kotlin-{__version__}.jar")


def _finish(into: Path, commit: str) -> None:
    """The manifest, then the checksums of all files, the manifest's included."""
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(into.iterdir())
    }
    manifest = {"version": __version__, "commit": commit, "files": files}
    (into / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    (into / "SHA256SUMS").write_text(checksums(into), encoding="utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
