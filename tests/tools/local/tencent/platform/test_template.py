"""Defaults of variables as Terraform would write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.local.tencent.platform import template
from tools.local.tencent.platform.template import WiringError


def test_defaults_are_what_terraform_would_write(tmp_path: Path) -> None:
    path = tmp_path / "variables.tf"
    path.write_text(
        'variable "none" {\n  type = string\n}\n'
        'variable "text" {\n  default = "x y"\n}\n'
        'variable "empty" {\n  default = ""\n}\n'
        'variable "whole" {\n  default = 30\n}\n'
        'variable "part" {\n  default = 4.5\n}\n'
        'variable "yes" {\n  default = true\n}\n'
    )
    assert template.defaults(path) == {
        "text": "x y", "empty": "", "whole": "30", "part": "4.5", "yes": "true",
    }  # fmt: skip


@pytest.mark.parametrize("value", ['"${var.other}"', '["x"]', "null", "{ a = 1 }"])
def test_a_default_that_is_no_plain_value_is_named(tmp_path: Path, value: str) -> None:
    path = tmp_path / "variables.tf"
    path.write_text(f'variable "odd" {{\n  default = {value}\n}}\n')
    with pytest.raises(WiringError, match="odd"):
        template.defaults(path)
