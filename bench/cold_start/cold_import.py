"""Importing each handler in a fresh interpreter, beside importing the cloud's SDK and using it.

LIVEPROOF_CLOUD is set, as it is in every deployed function: handlers import that cloud's adapters.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench import vendor_sdks
from bench.cold_start import function_names, lambda_layer
from bench.figure import Figure
from bench.interpreters import Program, run_interleaved
from tools import BUILD, ROOT
from tools.local.tencent import unpacked

_RUNS = 9
_UNCOMPILED_RUNS = 3
_IMPORT = """
STARTED = CLOCK()
import {module}
ENDED = CLOCK()
adapters = "liveproof.clouds." + INPUT + ".runtime"
if adapters not in sys.modules:
    sys.exit("the handler did not import " + adapters)
"""
_AWS_FLOOR = """
STARTED = CLOCK()
import boto3
boto3.client("s3", region_name="ap-southeast-1")
ENDED = CLOCK()
"""
_TENCENT_FLOOR = """
STARTED = CLOCK()
from qcloud_cos import CosConfig, CosS3Client
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
CosS3Client(CosConfig(Region="ap-singapore", SecretId="id", SecretKey="key"))
CommonClient("ssm", "2019-09-23", Credential("id", "key"), "ap-singapore")
ENDED = CLOCK()
"""


@dataclass(frozen=True)
class Side:
    """One cloud: its SDK's program, and a program for each function."""

    cloud: str
    baseline: str
    floor: Program
    handlers: Mapping[str, Program]

    def figures(self, subject: str, runs: int, at_most: float | None) -> Iterator[Figure]:
        """One per function."""
        medians = run_interleaved({"": self.floor, **self.handlers}, runs)
        for name in self.handlers:
            figure = f"{subject}.{self.cloud}.{name}"
            yield Figure(figure, medians[name], "ms", medians[""], self.baseline, at_most)


def measure() -> Iterator[Figure]:
    """One figure per cloud and function; then one each without bytecode, as a zip may be."""
    folder = BUILD / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="packages-", dir=folder) as scratch,
        unpacked.code() as packages,
    ):
        sides = (aws(), tencent(packages))
        for side in sides:
            yield from side.figures("cold_import", _RUNS, 1.0)
        for side in sides:
            bare = _uncompiled(side, Path(scratch) / "uncompiled" / side.cloud)
            # On SCF both sides are like that, on Lambda only ours.
            goal = 1.0 if side.cloud == "tencent" else None
            yield from bare.figures("cold_import_uncompiled", _UNCOMPILED_RUNS, goal)


def aws() -> Side:
    """Each function with the layer for this interpreter, whose packages boto3 uses as well."""
    path = lambda_layer.search_path()
    return Side(
        "aws",
        "boto3 and an S3 client, imported and made",
        Program(_AWS_FLOOR),
        {
            name: replace(_handler("aws", f"functions.{name}.handler"), path=path)
            for name in function_names.functions("aws")
        },
    )


def tencent(packages: Mapping[str, Path]) -> Side:
    """Each function from what its zip holds, and from nothing else."""
    floor = Program(_TENCENT_FLOOR, path=(vendor_sdks.tencent(),), isolated=True, bytecode=False)
    plain = replace(_handler("tencent", "handler"), isolated=True, bytecode=False)
    return Side(
        "tencent",
        "COS's and the APIs' SDKs and a client of each, imported and made",
        floor,
        {
            name: replace(plain, path=(packages[name],))
            for name in function_names.functions("tencent")
        },
    )


def _handler(cloud: str, module: str) -> Program:
    source = _IMPORT.format(module=module)
    return Program(source, cloud, {"LIVEPROOF_CLOUD": cloud})


def _uncompiled(side: Side, folder: Path) -> Side:
    """What was packed without bytecode, and is compiled at every cold start.

    boto3 is Lambda's own and has its bytecode; SCF has nothing of its own, so that the SDKs come
    out of a zip as well.
    """
    paths: Mapping[str, Sequence[Path]]
    if side.cloud == "aws":
        layer = side.handlers["create_upload"].path[0]
        paths = dict.fromkeys(side.handlers, (_without_bytecode(layer, folder / "layer"), ROOT))
        floor = side.floor
    else:
        paths = {
            name: (_without_bytecode(program.path[0], folder / name),)
            for name, program in side.handlers.items()
        }
        sdks = enumerate(side.floor.path)
        bare = tuple(_without_bytecode(tree, folder / f"sdk-{number}") for number, tree in sdks)
        floor = replace(side.floor, path=bare)
    handlers = {
        name: replace(program, path=paths[name], bytecode=False)
        for name, program in side.handlers.items()
    }
    return replace(side, floor=floor, handlers=handlers)


def _without_bytecode(tree: Path, into: Path) -> Path:
    shutil.copytree(tree, into, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    return into
