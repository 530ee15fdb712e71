"""A deployment by a file: of `make local`, or with the output of `terraform output -json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from liveproof_cli.deployments import aws, tencent
from liveproof_cli.deployments.deployment import Opened
from liveproof_cli.errors import CannotBeDone

_LOCAL = {"aws": aws.of_document, "tencent": tencent.of_document}


def of_file(path: Path, login: Path | None) -> Opened:
    """The deployment that a file describes.

    Args:
        login: a file with the text of the database's secret, for Terraform's outputs.

    Raises:
        CannotBeDone: the file cannot be read, or describes no deployment.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise CannotBeDone(f"--deployment {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise CannotBeDone(f"--deployment {path}: it is not JSON") from None
    try:
        if "cloud" in document:
            return _LOCAL[document["cloud"]](document)
        return tencent.of_outputs(_values(document), login)
    except (KeyError, TypeError, AttributeError, msgspec.ValidationError):
        raise CannotBeDone(
            f"--deployment {path}: it is neither what `make local` writes nor the output of"
            " `terraform output -json` of infra/tencent"
        ) from None


def _values(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Terraform's outputs."""
    return {name: output["value"] for name, output in outputs.items()}
