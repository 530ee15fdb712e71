"""What is around the product: packaging, generated pages, the local clouds, the demo."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
