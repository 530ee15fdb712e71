"""The environment of an older deployment: newer code starts with it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from liveproof.clouds.aws import settings

ROOT = Path(__file__).parents[3]
OLDER = ROOT / "tests" / "data" / "older_settings.json"


def test_a_setting_that_an_older_deployment_does_not_have_has_its_default() -> None:
    older = json.loads(OLDER.read_text(encoding="utf-8"))["aws"]
    # The addresses of new queues and the like come with the stack that has the new code.
    section = (ROOT / "serverless.yml").read_text(encoding="utf-8").partition("\nparams:")[0]
    filled = dict.fromkeys(re.findall(r"^    (LIVEPROOF_\w+): !", section, re.MULTILINE), "new")

    loaded = settings.load({**filled, **older, "AWS_REGION": "ap-southeast-1"})

    assert loaded.bucket == "b"
    assert loaded.calls_per_second["reflect"] == 5
