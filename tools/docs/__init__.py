"""Writes the generated pages: `python -m tools.docs`."""
