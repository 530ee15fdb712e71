"""The template as osls compiles it, once per test session."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.infra.template import Template
from tools.packaging.aws import template as aws_template


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled template and zips of the production stage."""
    folder = tmp_path_factory.mktemp("infra")
    service = aws_template.snapshot(folder / "service")
    # Any folder will do for the layer: the template is what is looked at.
    layer = {"layerPath": "functions"}
    return aws_template.compile_template(service, folder / "osls.log", parameters=layer)


@pytest.fixture(scope="session")
def template_file(compiled: Path) -> Path:
    """The compiled template."""
    return compiled / aws_template.TEMPLATE


@pytest.fixture(scope="session")
def template(template_file: Path) -> Template:
    """The compiled template, parsed."""
    return Template(json.loads(template_file.read_text()))
