"""Writes the files of a new check from the templates in this folder."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tools import ROOT
from tools.processes import UsageError

_TEMPLATES = Path(__file__).parent
_FACTS = ROOT / "layers" / "liveproof" / "data" / "checks.json"
_FILL_IN = "FILL IN: from the vendor's page, with its date"


def write(name: str) -> list[Path]:
    """Writes module, facts and tests of a check; returns the paths.

    The placeholders fail closed: no score below the highest passes, and no call can be made.

    Raises:
        UsageError: the name is not valid, or there is such a check.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(f"{name!r} is not valid: lower-case letters, digits and _, a letter first")
    module = ROOT / "layers" / "liveproof" / "checks" / f"{name}.py"
    test = ROOT / "tests" / "checks" / f"test_{name}.py"
    document = json.loads(_FACTS.read_text(encoding="utf-8"))
    if name in document["checks"] or module.exists() or test.exists():
        raise UsageError(f"there is a check or a module with the name {name}")
    action = f"FillIn{_class_name(name)}"
    sample = document["checks"]["photo"]
    document["checks"][name] = _check(sample, action)
    document["apis"][action] = _api(document["apis"][sample["apis"][0]], action)
    _FACTS.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    module.write_text(_filled("check.py.txt", name, action), encoding="utf-8")
    test.write_text(_filled("test.py.txt", name, action), encoding="utf-8")
    return [module, _FACTS, test]


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _filled(template: str, name: str, action: str) -> str:
    text = (_TEMPLATES / template).read_text(encoding="utf-8")
    for word, value in (("name", name), ("Name", _class_name(name)), ("action", action)):
        text = text.replace(f"<{word}>", value)
    return text


def _check(sample: dict[str, Any], action: str) -> dict[str, Any]:
    """A check's entry: that of another check with placeholders."""
    image = {key: value for key, value in sample["inputs"]["image"].items() if key != "pixels"}
    filled: dict[str, Any] = {key: _FILL_IN for key in ("question", "source") if key in sample}
    return {
        **sample,
        **filled,
        "usual_run_seconds": {**sample["usual_run_seconds"], "source": _FILL_IN},
        "apis": [action],
        "threshold": sample["threshold_max"],
        "inputs": {"image": {**image, "source": _FILL_IN}},
    }


def _api(sample: dict[str, Any], action: str) -> dict[str, Any]:
    """An API's entry: that of another API with placeholders."""
    named = {"action": action} if "action" in sample else {}
    return {**sample, **named, "source": _FILL_IN}
