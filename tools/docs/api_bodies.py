"""The generated page docs/api-bodies.md: every body of a request or an answer, from its type."""

from __future__ import annotations

from typing import Any

from liveproof.api.openapi import component_schemas

_INTRODUCTION = """# Bodies of the HTTP API

Every JSON body of [the HTTP API](api.md), by the name that [openapi.json](openapi.json) gives it.
A field is required unless its rules say `optional` or name a default.
"""


def page(mark: str) -> str:
    """The whole page."""
    parts = [mark, _INTRODUCTION]
    for name, schema in component_schemas().items():
        if name != "Problem":
            parts += _body(name, schema)
    return "\n".join(parts).rstrip() + "\n"


def link(name: str, page: str = "api-bodies.md") -> str:
    """A link to the section of a body, from another page of docs/."""
    return f"[{name}]({page}#{name.lower()})"


def _body(name: str, schema: dict[str, Any]) -> list[str]:
    lines = [f"## {name}", "", schema.get("description", ""), ""]
    lines += ["| field | type | rules |", "|---|---|---|"]
    required = schema.get("required", ())
    for field, rules in schema["properties"].items():
        text = _rules(rules, None if field in required else rules.get("default", "optional"))
        lines.append(f"| `{field}` | {_type(rules)} | {text} |")
    return [*lines, ""]


def _type(rules: dict[str, Any]) -> str:
    if "$ref" in rules:
        return link(rules["$ref"].rpartition("/")[2], page="")
    if "enum" in rules:
        values = ", ".join(f"`{value}`" for value in rules["enum"] if value is not None)
        return values + (" or null" if None in rules["enum"] else "")
    if "anyOf" in rules:
        return " or ".join(_type(alternative) for alternative in rules["anyOf"])
    if rules.get("type") == "array":
        return f"list of {_type(rules['items'])}"
    named = rules.get("additionalProperties")
    if isinstance(named, dict):
        return f"object: name to {_type(named)}"
    if rules.get("properties"):
        return "object with " + ", ".join(f"`{name}`" for name in rules["properties"])
    return str(rules.get("type", "any"))


def _rules(rules: dict[str, Any], default: Any) -> str:
    words = {
        "minimum": "at least",
        "maximum": "at most",
        "minLength": "length at least",
        "maxLength": "length at most",
        "pattern": "pattern",
    }
    texts = [
        f"{text} `{schema[name]}`"
        for schema in (rules, *rules.get("anyOf", ()))
        for name, text in words.items()
        if name in schema
    ]
    if "description" in rules:
        texts.insert(0, rules["description"])
    if default is None and "anyOf" in rules:
        default = "optional" if "default" in rules else None
    if default is not None:
        text = str(default).lower() if isinstance(default, bool) else default
        texts.append("optional" if default in ("optional", {}) else f"default `{text}`")
    return "; ".join(texts)
