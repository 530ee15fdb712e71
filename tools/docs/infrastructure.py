"""What the infrastructure of both clouds takes from the settings' model, so that a setting is one
field: its name, its type and range, its default and its sentence.

`infra/aws/settings.json` has the params of AWS, `infra/tencent/variables_settings.tf` the variables
of Tencent Cloud. A variable whose values must fit others', or are narrower than the model's, is
written by hand in `variables.tf`, and a rule of AWS in `params.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

from liveproof.clouds.tencent.settings import TencentSettings
from liveproof.settings import Settings
from tools import ROOT, cloudformation_yaml, hcl

MARK = "Written by `make docs` from layers/liveproof/settings.py: do not edit."
_TENCENT = ROOT / "infra" / "tencent"
_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")


def description(field: FieldInfo) -> str:
    """The sentence of a setting."""
    _, constraints = unwrap(field.type)
    return next(constraint.description for constraint in constraints if constraint.description)


def unwrap(kind: Any) -> tuple[Any, tuple[msgspec.Meta, ...]]:
    """A type without its constraints, and those."""
    return (get_args(kind)[0], kind.__metadata__) if hasattr(kind, "__metadata__") else (kind, ())


def param_name(field: FieldInfo) -> str:
    """What the param of serverless.yml is called."""
    return re.sub(r"_(\w)", lambda letter: letter[1].upper(), field.name)


def stack_environment() -> dict[str, str]:
    """What serverless.yml gives every function beside the params: variable to its text."""
    document = cloudformation_yaml.load(ROOT / "serverless.yml")
    return {name: str(text) for name, text in document["custom"]["environment"].items()}


def derived_values() -> set[str]:
    """The settings that infra/tencent/main.tf derives."""
    (values,) = hcl.load(_TENCENT / "main.tf")["locals"]
    return {name for name in values["derived"] if not name.startswith("__")}


def params() -> dict[str, FieldInfo]:
    """The params of AWS that fill a setting."""
    stack_variables = stack_environment()
    return {
        param_name(field): field
        for field in msgspec.structs.fields(Settings)
        if field.encode_name not in stack_variables
    }


def default_text(field: FieldInfo) -> str | None:
    """The default as an environment variable has it; None if the setting must be given."""
    if field.default_factory is not msgspec.NODEFAULT:
        return "{}"
    if field.default is msgspec.NODEFAULT:
        return None
    return field.default if isinstance(field.default, str) else f"{_number(field.default)}"


def settings_json() -> str:
    """infra/aws/settings.json."""
    settings: dict[str, Any] = {}
    for param, field in params().items():
        entry: dict[str, Any] = {"environment": field.encode_name}
        default, rule = default_text(field), _rule(field)
        settings[param] = entry
        if default is not None:
            entry["default"] = default
        if rule is not None:
            entry["rule"] = rule
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(settings[name])}" for name in settings)
    note = f"{MARK} The params that fill a setting, with the rules that params.json explains."
    return f'{{\n  "note": {json.dumps(note)},\n  "settings": {{\n{lines}\n  }}\n}}\n'


def _rule(field: FieldInfo) -> dict[str, Any] | None:
    kind, constraints = unwrap(field.type)
    if get_origin(kind) is Literal:
        return {"one_of": list(get_args(kind))}
    if kind is bool:
        return {"one_of": ["false", "true"]}
    if kind in (int, float):
        return _range(kind, constraints)
    if get_origin(kind) is dict:
        return {"mapping": {"names": list(_names(field)), "values": _values_range(kind)}}
    return None


def _names(field: FieldInfo) -> tuple[str, ...]:
    factory: Callable[[], dict[str, Any]] = field.default_factory
    return tuple(factory())


def _values_range(kind: Any) -> dict[str, list[Any]]:
    return _range(*unwrap(get_args(kind)[1]))


def _range(kind: type, constraints: tuple[msgspec.Meta, ...]) -> dict[str, list[Any]]:
    (limits,) = (constraint for constraint in constraints if constraint.le is not None)
    if limits.gt is not None:
        return {"above": [limits.gt, limits.le]}
    return {"integer" if kind is int else "number": [limits.ge, limits.le]}


def variables_tf() -> str:
    """infra/tencent/variables_settings.tf."""
    blocks = hcl.load(_TENCENT / "variables.tf")["variable"]
    by_hand = {quoted.strip('"') for block in blocks for quoted in block}
    derived = {*derived_values(), "cloud"}
    fields = [
        field for field in msgspec.structs.fields(TencentSettings) if field.name not in derived
    ]
    parts = [f"# {MARK}\n"]
    parts += [_variable(field) for field in fields if field.name not in by_hand]
    width = max(len(field.name) for field in fields)
    values = "\n".join(f"    {field.name.ljust(width)} = {_value(field)}" for field in fields)
    parts.append(f"locals {{\n  settings = {{\n{values}\n  }}\n}}\n")
    return "\n".join(parts)


def _value(field: FieldInfo) -> str:
    is_mapping = get_origin(unwrap(field.type)[0]) is dict
    return f"jsonencode(var.{field.name})" if is_mapping else f"var.{field.name}"


def _variable(field: FieldInfo) -> str:
    kind, _ = unwrap(field.type)
    name = {bool: "bool", int: "number", float: "number"}.get(kind, "string")
    if get_origin(kind) is dict:
        name = "map(number)"
    lines = [f'variable "{field.name}" {{', f"  type        = {name}"]
    sentence = _LINK.sub(r"\1", description(field))
    lines.append(f"  description = {_quoted(sentence)}")
    default = default_text(field)
    if default is not None:
        lines.append(f"  default     = {default if name != 'string' else _quoted(default)}")
    for condition, message in _validations(field):
        lines += ["", "  validation {", f"    condition     = {condition}"]
        lines += [f"    error_message = {_quoted(message)}", "  }"]
    return "\n".join([*_close_up(lines), "}", ""])


def _close_up(lines: list[str]) -> list[str]:
    """No empty line between two validations."""
    return [line for line, before in zip(lines, ["", *lines], strict=False)
            if line or before != "  }"]  # fmt: skip


def _validations(field: FieldInfo) -> list[tuple[str, str]]:
    """Condition and message of each."""
    rule, value = _rule(field), f"var.{field.name}"
    kind, _ = unwrap(field.type)
    if rule is None or kind is bool:
        return []
    if "one_of" in rule:
        texts = rule["one_of"]
        return [(f"contains({json.dumps(texts)}, {value})", f"{_listed(texts, 'or')}.")]
    if "mapping" in rule:
        names, values = rule["mapping"]["names"], rule["mapping"]["values"]
        condition, message = _numbers("number", values)
        return [
            (f"length(setsubtract(keys({value}), {json.dumps(names)})) == 0",
             f"The names are {_listed(names, 'and')}."),
            (f"alltrue([for number in values({value}) : {condition}])",
             f"Each: {message[0].lower()}{message[1:]}"),
        ]  # fmt: skip
    return [_numbers(value, rule)]


def _numbers(value: str, rule: dict[str, Any]) -> tuple[str, str]:
    ((kind, (least, most)),) = rule.items()
    least, most = _number(least), _number(most)
    if kind == "above":
        return f"{value} > {least} && {value} <= {most}", f"Above {least}, at most {most}."
    condition = f"{value} >= {least} && {value} <= {most}"
    if kind == "integer":
        return (
            f"{condition} && floor({value}) == {value}",
            f"A whole number from {least} to {most}.",
        )
    return condition, f"A number from {least} to {most}."


def _listed(texts: list[str], last: str) -> str:
    return f" {last} ".join([", ".join(texts[:-1]), texts[-1]])


def _number(value: float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${")
