"""Tools around the product: packaging, generated pages, the local clouds, the demo.

The modules beside these packages are shared: by several of them, by bench or by the tests.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
