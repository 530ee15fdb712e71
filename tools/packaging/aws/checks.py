"""A check's own resources on AWS: infra/aws/check.json, as infra/aws/checks.js reads it."""

from __future__ import annotations

import json
import re
from typing import Any

from tools import ROOT

_TEMPLATE = ROOT / "infra" / "aws" / "check.json"


def logical_name(check: str) -> str:
    """A check's name in CloudFormation's logical ids and outputs: `new_check` is NewCheck."""
    return re.sub(r"(?:^|_)([a-z0-9])", lambda letter: letter[1].upper(), check)


def template(check: str) -> dict[str, Any]:
    """A check's resources and outputs, in sections as CloudFormation has them; params are not
    filled in."""
    text = _TEMPLATE.read_text(encoding="utf-8")
    named = text.replace("{Check}", logical_name(check)).replace("{check}", check)
    sections: dict[str, Any] = json.loads(named)
    return sections
