"""The HTTP API held against docs/openapi.json by schemathesis, in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools import ROOT

SEED = 20261126
CHECKS = (
    "answers_as_liveproof",
    "content_type_conformance",
    "ignored_auth",
    "negative_data_rejection",
    "not_a_server_error",
    "refuses_by_a_named_rule",
    "response_headers_conformance",
    "response_schema_conformance",
    "status_code_conformance",
    "use_after_free",
)
"""Those of schemathesis, and those of tests/contract/hooks.py.

Not `unsupported_method`: a method that is no route is a 404 on both clouds, by API Gateway. Not
`positive_data_acceptance`: `refuses_by_a_named_rule` says which fields have rules beside the
document's. Not `ensure_resource_availability`: an erased verification has evidence no more.
"""

_SETTINGS = """
[[operations]]
include-operation-id = "create_reflect_sequence"
# Only the vendor knows which device data it takes.
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 502, 503]
"""


def document() -> dict[str, Any]:
    """docs/openapi.json without the answers that no local cloud gives, so that none may come."""
    whole: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    del whole["webhooks"]
    for operations in whole["paths"].values():
        for operation in operations.values():
            del operation["responses"]["default"]
    return whole


def examine(
    api: str, api_key: str, folder: Path, *, examples: int, phases: str, seed: int = SEED
) -> tuple[int, str]:
    """Ask the API what the document allows and what it does not.

    Args:
        folder: for the document, the settings and the report.
        examples: how many requests of its own making schemathesis sends to each operation.
        phases: of schemathesis, with commas between.

    Returns:
        0 if nothing was found, and what schemathesis wrote.
    """
    (folder / "openapi.json").write_text(json.dumps(document()), encoding="utf-8")
    (folder / "schemathesis.toml").write_text(_SETTINGS, encoding="utf-8")
    program = Path(sys.executable).with_name("schemathesis")
    options = {
        "--url": api,
        "--header": f"Authorization: Bearer {api_key}",
        "--phases": phases,
        "--checks": ",".join(CHECKS),
        "--max-examples": str(examples),
        "--seed": str(seed),
        "--request-timeout": "60",
        "--warnings": "off",
        "--generation-database": "none",
    }
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "tests.contract.hooks",
        "PYTHONPATH": str(ROOT),
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(
        [
            *(program, "--config-file", "schemathesis.toml", "run", "openapi.json", "--no-color"),
            *("--continue-on-failure", "--no-shrink"),
            *(word for option in options.items() for word in option),
        ],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1_800,
        check=False,
    )
    return done.returncode, done.stdout
