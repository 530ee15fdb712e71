"""The snippets of docs/upload-snippets.md, each against both local clouds."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from examples.uploading.put import put
from tests.acceptance.client import Client
from tests.clients.kotlin.driver import running
from tests.support import toolchains
from tools import ROOT
from tools.packaging.node import choose
from tools.processes import clean_environment

SNIPPETS = ROOT / "examples" / "uploading"
_NODE = """
import { openAsBlob } from "node:fs";
import { put } from "./put.mjs";
const [url, path, ...pairs] = process.argv.slice(1);
const headers = pairs.map((pair) => [pair.split("=")[0], pair.slice(pair.indexOf("=") + 1)]);
const { status, code } = await put(url, Object.fromEntries(headers), await openAsBlob(path));
console.log(status, code ?? "");
"""

Put = Callable[[str, Mapping[str, str], Path], str]
"""Sends a file; the bucket's status, and what the snippet shows of the answer."""


def by_python(url: str, headers: Mapping[str, str], path: Path) -> str:
    return " ".join(map(str, put(url, headers, path)))


def by_node(url: str, headers: Mapping[str, str], path: Path) -> str:
    node: list[str | Path] = [choose().folder / "node", "--input-type=module", "-e", _NODE]
    return _printed(node, url, headers, path)


def by_java(url: str, headers: Mapping[str, str], path: Path) -> str:
    java = toolchains.require("java")
    command: list[str | Path] = [java, *toolchains.SHORT_RUN, SNIPPETS / "java" / "Put.java"]
    return _printed(command, url, headers, path)


def by_kotlin(url: str, headers: Mapping[str, str], path: Path) -> str:
    with running() as driver:
        return " ".join(driver.ask("snippet", path, {"url": url, "headers": headers}))


def _printed(
    command: Sequence[str | Path], url: str, headers: Mapping[str, str], path: Path
) -> str:
    pairs = [f"{name}={value}" for name, value in headers.items()]
    done = subprocess.run(
        [*command, url, path, *pairs],
        cwd=SNIPPETS, env=clean_environment({}), capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("send", [by_python, by_node, by_java, by_kotlin])
def test_a_snippet_uploads_a_file_and_shows_why_the_bucket_refuses(
    send: Put, client: Client, tmp_path: Path
) -> None:
    files = client.files(check="photo")
    path = tmp_path / "photo.jpg"
    path.write_bytes(files["image"].data)
    created = client.create(files, "photo")
    upload = created["uploads"]["image"]
    other = {**upload["headers"], "Content-Type": "image/png"}
    refused = send(upload["url"], other, path)
    assert (refused[:4], "SignatureDoesNotMatch" in refused) == ("403 ", True)
    assert send(upload["url"], upload["headers"], path).startswith("200")
    assert client.outcome(created["id"])["decision"] == "passed"
