"""Writes docs/console.png from a run on the local AWS: `python -m tests.console.picture`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.console.chromium import run_in_browser
from tools import ROOT
from tools.local import cloud

_PICTURE = ROOT / "docs" / "console.png"
_COLOURS = 128


def main() -> int:
    """Plays verifications, takes the picture, and makes it small."""
    with cloud.run_cloud() as running, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "console.png"
        run_in_browser("picture.mjs", {"console": running.console.page}, str(file))
        with Image.open(file) as picture:
            picture.convert("RGB").quantize(_COLOURS).save(_PICTURE, optimize=True)
    print(f"wrote {_PICTURE.relative_to(ROOT)}, {_PICTURE.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
