"""YAML of the AWS side, with CloudFormation's short functions."""

from __future__ import annotations

from typing import Any

import yaml


class Loader(yaml.SafeLoader):
    """Takes `!Ref NAME`, `!GetAtt NAME`, ... for their text."""


def _text(loader: yaml.SafeLoader, suffix: str, node: Any) -> str:
    return f"!{suffix} {node.value}"


Loader.add_multi_constructor("!", _text)
