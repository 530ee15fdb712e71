"""Importing each handler in a fresh interpreter, beside importing boto3 and making one client."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from bench.figure import Figure
from bench.interpreters import SEARCH_PATH, Program, interleaved
from local import BUILD, ROOT
from local.aws import layer

BASELINE = "boto3 and an S3 client, imported and made"
_RUNS = 9
_UNCOMPILED_RUNS = 5
_IMPORT = """
STARTED = time.perf_counter()
import functions.{name}.handler
ENDED = time.perf_counter()
"""
_FLOOR = """
STARTED = time.perf_counter()
import boto3
boto3.client("s3", region_name="ap-southeast-1")
ENDED = time.perf_counter()
"""


def function_names() -> list[str]:
    """Every deployed function, by its folder."""
    return sorted(each.parent.name for each in (ROOT / "functions").glob("*/handler.py"))


def measure() -> Iterator[Figure]:
    """One figure per function; then one each for a layer without bytecode, as a zip may be."""
    floor = Program(_FLOOR)
    programs = {name: Program(_IMPORT.format(name=name)) for name in function_names()}
    found = interleaved({"": floor, **programs}, _RUNS)
    for name in programs:
        yield Figure(f"cold_import.{name}", found[name], "ms", found[""], BASELINE, 1.0)
    yield from _uncompiled(floor)


def _uncompiled(floor: Program) -> Iterator[Figure]:
    """The slowest thing that Lambda can be made to do: compile the layer at every cold start."""
    folder = BUILD / "bench" / "uncompiled"
    shutil.rmtree(folder, ignore_errors=True)
    source = layer.build("local") / "python"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    path = (folder, *SEARCH_PATH[1:])
    programs = {
        name: Program(_IMPORT.format(name=name), path=path, bytecode=False)
        for name in function_names()
    }
    found = interleaved({"": floor, **programs}, _UNCOMPILED_RUNS)
    for name in programs:
        yield Figure(f"cold_import_uncompiled.{name}", found[name], "ms", found[""], BASELINE)
