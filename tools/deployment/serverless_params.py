"""The params of serverless.yml, which a deployment on AWS may set."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tools import ROOT
from tools.parameters import require_known as require_names

# Every param, for infra/aws/params.js as well.
_FILES = {"params.json": "params", "settings.json": "settings"}


def require_known(parameters: Mapping[str, str]) -> None:
    """Raises UsageError for a parameter that serverless.yml does not have."""
    params: set[str] = set()
    for file, key in _FILES.items():
        text = (ROOT / "infra" / "aws" / file).read_text(encoding="utf-8")
        params |= json.loads(text)[key].keys()
    require_names(parameters, params, "serverless.yml")
