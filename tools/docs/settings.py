"""The generated page docs/settings.md."""

from __future__ import annotations

import json
import re
from typing import Any, get_args, get_origin, get_type_hints

import hcl2

from liveproof.clouds.aws.settings import AwsSettings
from liveproof.clouds.tencent.settings import TencentSettings
from liveproof.settings import Settings, environment_names
from tools import ROOT

_COMMENT = re.compile(r"^    #\s?(.*)$")
_PARAM = re.compile(r"^    (\w+): (.*)$")
_ENVIRONMENT = re.compile(r"^    ([A-Z][A-Z0-9_]+): (.*)$")
_USE = re.compile(r"\$\{param:(\w+)\}")
_NAME = re.compile(r"\$\{(\w+)\}")
_TERRAFORM = ROOT / "infra" / "tencent"

_SETTINGS = """# Settings

A *setting* is an environment variable of every function. A function that finds one missing,
unknown or of a value that cannot be meant refuses to start, with a line that names it. You do not
set them by hand: on AWS `serverless.yml` fills them from *params* (`--param name=value` on the
command line of the deployment, once per param) and from the stack itself; on Tencent Cloud
`infra/tencent/functions.json` fills them from Terraform's *variables* (`terraform.tfvars`, or
`-var name=value`).
"""


def params() -> dict[str, tuple[str, str, str | None]]:
    """The params of serverless.yml: name to comment, default, the local cloud's own value."""
    block = _text("serverless.yml").partition("\nparams:\n")[2].partition("\nprovider:\n")[0]
    default, _, local = block.partition("\n  local:\n")
    overrides = {match[1]: match[2] for match in map(_PARAM.match, local.splitlines()) if match}
    found: dict[str, tuple[str, str, str | None]] = {}
    comment: list[str] = []
    above = ""
    for line in default.splitlines():
        if text := _COMMENT.match(line):
            comment.append(text[1])
        elif param := _PARAM.match(line):
            # A comment stands for every param up to the next one.
            above = " ".join(comment) or above
            found[param[1]] = (above, param[2], overrides.get(param[1]))
            comment = []
    return found


def environment() -> dict[str, str]:
    """What serverless.yml gives every function: variable to its text."""
    block = _text("serverless.yml").partition("\n  environment:\n")[2].partition("\npackage:\n")[0]
    found = map(_ENVIRONMENT.match, block.splitlines())
    return {match[1]: match[2] for match in found if match}


def variables() -> dict[str, tuple[str, str | None]]:
    """The variables of infra/tencent: name to description and default (None: it must be given)."""
    found: dict[str, tuple[str, str | None]] = {}
    for path in sorted(_TERRAFORM.glob("variables*.tf")):
        with path.open(encoding="utf-8") as file:
            blocks = hcl2.load(file)["variable"]
        for block in blocks:
            for quoted, variable in block.items():
                description = str(variable["description"]).strip('"')
                default = _default(variable["default"]) if "default" in variable else None
                found[quoted.strip('"')] = (description, default)
    return found


def _default(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def tencent_environment() -> dict[str, str]:
    """What infra/tencent/functions.json gives every function: variable to its text."""
    document = json.loads((_TERRAFORM / "functions.json").read_text(encoding="utf-8"))
    given: dict[str, str] = document["environment"]
    return given


def settings_page(mark: str) -> str:
    """docs/settings.md."""
    lines = [mark, _SETTINGS, "## Settings of both clouds", ""]
    aws, tencent = environment(), tencent_environment()
    lines += ["| environment variable | AWS | Tencent Cloud | type and range | what it is |"]
    lines += ["|---|---|---|---|---|"]
    for name, kind, meaning in _rows(Settings):
        filled = f"{_filled(aws[name])} | {_filled(tencent[name])}"
        lines.append(f"| `{name}` | {filled} | {kind} | {meaning} |")
    for name in aws:
        if not name.startswith("LIVEPROOF_"):
            filled = f"{_filled(aws[name])} | {_filled(tencent[name])}"
            lines.append(f"| `{name}` | {filled} | text | The logging library's own. |")
    common = set(environment_names(Settings))
    for title, model, given in (
        ("AWS", AwsSettings, aws),
        ("Tencent Cloud", TencentSettings, tencent),
    ):
        lines += ["", f"## Settings on {title} only", ""]
        lines += ["| environment variable | filled from | type and range | what it is |"]
        lines += ["|---|---|---|---|"]
        for name, kind, meaning in _rows(model):
            if name not in common:
                lines.append(f"| `{name}` | {_filled(given[name])} | {kind} | {meaning} |")
    lines += ["", "## Params of `serverless.yml`", ""]
    lines += ["| param | default | local cloud | what it is |", "|---|---|---|---|"]
    for name, (comment, default, local) in params().items():
        shown = f"`{local}`" if local else "the same"
        lines.append(f"| `{name}` | `{default}` | {shown} | {comment} |")
    lines += ["", "## Variables of `infra/tencent`", ""]
    lines += ["| variable | default | what it is |", "|---|---|---|"]
    for name, (description, value) in variables().items():
        shown = "must be given" if value is None else f"`{value}`"
        lines.append(f"| `{name}` | {shown} | {description} |")
    return "\n".join(lines) + "\n"


def _rows(model: type[Settings]) -> list[tuple[str, str, str]]:
    """Environment variable, type and meaning of each of a model's settings."""
    hints, meanings = get_type_hints(model, include_extras=True), _meanings(model)
    names = zip(model.__struct_fields__, environment_names(model), strict=True)
    return [(name, _kind(hints[field]), meanings[field]) for field, name in names]


_OWN = {
    "bucket": "The bucket of uploads and evidence.",
    "api_keys_secret": "The secret with the clients and their API keys' digests.",
    "webhooks_secret": "The secret with the webhook endpoints.",
    "vendor_key_secret": "The secret with the vendor account's key.",
    "senseid_key_secret": "The secret with SenseID's key and IV, for `silent` only.",
}


def _meanings(model: type[Settings]) -> dict[str, str]:
    """The Attributes section of the models' docstrings: field to text."""
    texts = [(each.__doc__ or "").partition("Attributes:")[2] for each in {Settings, model}]
    text = "\n".join(texts)
    found: dict[str, str] = {}
    names: list[str] = []
    for line in text.splitlines():
        start = re.match(r"^        ([a-z_, ]+): (.*)$", line)
        if start:
            names = start[1].split(", ")
            found.update(dict.fromkeys(names, start[2].strip()))
        elif line.strip():
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
    return {name: text[0].upper() + text[1:] for name, text in (_OWN | found).items()}


def _kind(hint: Any) -> str:
    if hasattr(hint, "__metadata__"):
        base, meta = get_args(hint)[0], hint.__metadata__[0]
        names = {"ge": "at least", "gt": "more than", "le": "at most"}
        rules = [
            f"{text} {getattr(meta, name)}"
            for name, text in names.items()
            if getattr(meta, name) is not None
        ]
        word = {int: "whole number", float: "number", str: "text"}[base]
        return ", ".join([word, *rules])
    if get_origin(hint) is not None:
        return " or ".join(f"`{value}`" for value in get_args(hint))
    return "`true` or `false`" if hint is bool else "text"


def _filled(value: str) -> str:
    param = _USE.search(value)
    if param:
        return f"param `{param[1]}`"
    name = _NAME.fullmatch(value)
    if name:
        return f"variable `{name[1]}`" if name[1] in variables() else "the stack"
    return f"the stack: `{value}`" if value.startswith("!") else f"`{value}`"


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")
