"""The texts of mutants, made by Cosmic Ray's library. Runs in its environment, and imports no more.

Standard input has, as a JSON list, [file, operator, occurrence] of each mutant. Standard output has
the text of each, as a line of JSON: null if Cosmic Ray cannot make it, or it is no Python.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Write the texts in the order in which they are asked for."""
    mutate_code = import_module("cosmic_ray.mutating").mutate_code
    get_operator = import_module("cosmic_ray.plugins").get_operator
    for file, operator, occurrence in json.load(sys.stdin):
        before = Path(file).read_text("utf-8")
        try:
            after = mutate_code(before, get_operator(operator)(), occurrence)
            compile(after, file, "exec", dont_inherit=True)
        except Exception:  # noqa: BLE001 - an exception's name with a dot, no Python, and so on
            after = before
        print(json.dumps(None if after == before else after), flush=True)


if __name__ == "__main__":
    main()
