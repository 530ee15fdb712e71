"""What `make local` tells people on standard error: its addresses, and what to do next."""

from __future__ import annotations

import shlex
from pathlib import Path

from tools import ROOT
from tools.local.cloud import LocalCloud


def block(cloud: LocalCloud) -> str:
    """Some lines for a terminal; programs read the JSON on standard output."""
    return text(cloud.api, cloud.api_key, cloud.console.page, cloud.webhooks, cloud.deployment_file)


def text(api: str, api_key: str, console: str, webhooks: str, deployment: Path) -> str:
    """The lines, from the addresses, the API key and the file that names the deployment."""
    program = shlex.quote(str(ROOT / ".venv" / "bin" / "liveproof"))
    return f"""
  API       {api}
  API key   {api_key}
  console   {console}
  webhooks  {webhooks}   (GET lists what arrived)

In another terminal:

  export API={shlex.quote(api)} API_KEY={shlex.quote(api_key)}
  curl --silent --show-error --fail-with-body -H "Authorization: Bearer $API_KEY" "$API/v1/verifications"
  {program} --deployment {shlex.quote(str(deployment))} list

Ctrl-C stops everything.
"""  # noqa: E501 - a line to copy
