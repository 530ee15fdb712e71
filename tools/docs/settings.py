"""The generated page docs/settings.md."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

from liveproof.clouds.aws.settings import AwsSettings
from liveproof.clouds.tencent.settings import TencentSettings
from liveproof.environment_names import environment_names
from liveproof.settings import Settings
from tools import ROOT, hcl
from tools.docs import infrastructure
from tools.docs.infrastructure import description, unwrap

_COMMENT = re.compile(r"^    #\s?(.*)$")
_PARAM = re.compile(r"^    (\w+): (.*)$")
_USE = re.compile(r"\$\{param:(\w+)\}")
_NAME = re.compile(r"\$\{(\w+)\}")
_TERRAFORM = ROOT / "infra" / "tencent"

_SETTINGS = """# Settings

A *setting* is an environment variable of every function. A function refuses to start if a setting
is missing, unknown or out of its range, with a line that names the setting. You do not set them by
hand. On AWS `serverless.yml` fills them from *params* (`--param name=value` on the command line of
the deployment, once per param) and from the stack itself. On Tencent Cloud `infra/tencent` fills
them from Terraform's *variables* (`terraform.tfvars`, or `-var name=value`). A mapping changes the
defaults of the keys that it names: `--param callsPerSecond='{"reflect": 9}'`, and in
`terraform.tfvars` `calls_per_second = { reflect = 9 }`.
"""


def params() -> dict[str, tuple[str, str, str | None]]:
    """Every param of AWS: name to sentence, default, the local cloud's own value."""
    written = written_params()
    local = _section("\n  local:\n", "\nprovider:\n")
    overrides = {match[1]: match[2] for match in map(_PARAM.match, local.splitlines()) if match}
    documented = {}
    for name, field in infrastructure.params().items():
        default = infrastructure.default_text(field)
        if default is None:
            default = written[name][1]
        documented[name] = (description(field), default, overrides.get(name))
    for name, (comment, default) in written.items():
        documented.setdefault(name, (comment, default, overrides.get(name)))
    return documented


def written_params() -> dict[str, tuple[str, str]]:
    """The params that serverless.yml names: to comment and default."""
    documented: dict[str, tuple[str, str]] = {}
    comment: list[str] = []
    above = ""
    for line in _section("\n  default:\n", "\n  local:\n").splitlines():
        if text := _COMMENT.match(line):
            comment.append(text[1])
        elif param := _PARAM.match(line):
            # A comment stands for every param up to the next one.
            above = " ".join(comment) or above
            documented[param[1]] = (above, param[2])
            comment = []
    return documented


def _section(begin: str, end: str) -> str:
    """A part of the params in serverless.yml."""
    block = _text("serverless.yml").partition("\nparams:\n")[2]
    return block.partition(begin)[2].partition(end)[0]


def environment() -> dict[str, str]:
    """What every function gets on AWS: variable to its text."""
    filled = {
        field.encode_name: f"${{param:{name}}}" for name, field in infrastructure.params().items()
    }
    return filled | infrastructure.stack_environment()


def variables() -> dict[str, tuple[str, str | None]]:
    """The variables of infra/tencent: name to description and default (None: it must be given)."""
    documented: dict[str, tuple[str, str | None]] = {}
    for path in sorted(_TERRAFORM.glob("variables*.tf")):
        for block in hcl.load(path)["variable"]:
            for quoted, variable in block.items():
                description = str(variable["description"]).strip('"')
                default = _default(variable["default"]) if "default" in variable else None
                documented[quoted.strip('"')] = (description, default)
    return documented


def _default(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def tencent_environment() -> dict[str, str]:
    """What every function gets on Tencent Cloud: variable to its text."""
    document = json.loads((_TERRAFORM / "functions.json").read_text(encoding="utf-8"))
    constants: dict[str, str] = document["environment"]
    filled = {
        field.encode_name: f"${{{field.name}}}"
        for field in msgspec.structs.fields(TencentSettings)
        if field.encode_name not in constants
    }
    return filled | constants


def settings_page(mark: str) -> str:
    """docs/settings.md."""
    lines = [mark, _SETTINGS, "## Settings of both clouds", ""]
    aws, tencent = environment(), tencent_environment()
    lines += ["| environment variable | AWS | Tencent Cloud | default | type and range |"
              " what it is |"]  # fmt: skip
    lines += ["|---|---|---|---|---|---|"]
    for field in msgspec.structs.fields(Settings):
        name = field.encode_name
        filled = f"{_filled(aws[name])} | {_filled(tencent[name])}"
        lines.append(f"| `{name}` | {filled} | {_default_of(field)} | {_row(field)} |")
    for name in aws:
        if not name.startswith("LIVEPROOF_"):
            filled = f"{_filled(aws[name])} | {_filled(tencent[name])}"
            lines.append(f"| `{name}` | {filled} | | text | The logging library's own. |")
    common = set(environment_names(Settings))
    for title, model, filled_from in (
        ("AWS", AwsSettings, aws),
        ("Tencent Cloud", TencentSettings, tencent),
    ):
        lines += ["", f"## Settings on {title} only", ""]
        lines += ["| environment variable | filled from | default | type and range | what it is |"]
        lines += ["|---|---|---|---|---|"]
        for field in msgspec.structs.fields(model):
            name = field.encode_name
            if name not in common:
                filled = f"{_filled(filled_from[name])} | {_default_of(field)}"
                lines.append(f"| `{name}` | {filled} | {_row(field)} |")
    lines += ["", "## Other params of `serverless.yml`", ""]
    lines += ["| param | default | local cloud | what it is |", "|---|---|---|---|"]
    for name, (comment, default, local) in params().items():
        if name not in infrastructure.params():
            shown = f"`{local}`" if local else "the same"
            lines.append(f"| `{name}` | `{default}` | {shown} | {comment} |")
    lines += ["", "## Other variables of `infra/tencent`", ""]
    lines += ["| variable | default | what it is |", "|---|---|---|"]
    settings = {field.name for field in msgspec.structs.fields(TencentSettings)}
    for name, (text, value) in variables().items():
        if name not in settings:
            shown = "must be given" if value is None else f"`{value}`"
            lines.append(f"| `{name}` | {shown} | {text} |")
    return "\n".join(lines) + "\n"


def _row(field: FieldInfo) -> str:
    kind, constraints = unwrap(field.type)
    return f"{_kind(kind, constraints)} | {description(field)}"


def _default_of(field: FieldInfo) -> str:
    """The default of the model; without one that of the param and of the variable."""
    if field.default_factory is not msgspec.NODEFAULT:
        return f"`{json.dumps(field.default_factory())}`"
    if field.default is not msgspec.NODEFAULT:
        text = infrastructure.default_text(field)
        return f"`{text}`" if text else "empty"
    param = written_params().get(infrastructure.param_name(field), ("", ""))[1]
    variable = variables().get(field.name, ("", None))[1]
    of_variable = "" if variable is None else variable.strip('"')
    if param in ("", of_variable) or not of_variable:
        return f"`{param or of_variable}`" if param or of_variable else ""
    return f"`{param}`, `{of_variable}`"


def _kind(kind: Any, constraints: tuple[msgspec.Meta, ...]) -> str:
    if get_origin(kind) is dict:
        return f"mapping, JSON; each a {_kind(*unwrap(get_args(kind)[1]))}"
    if get_origin(kind) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(kind))
    if kind is bool:
        return "`true` or `false`"
    names = {"ge": "at least", "gt": "more than", "le": "at most"}
    rules = [
        f"{text} {getattr(meta, name)}"
        for name, text in names.items()
        for meta in constraints
        if getattr(meta, name) is not None
    ]
    word = {int: "whole number", float: "number", str: "text"}[kind]
    return ", ".join([word, *rules])


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
