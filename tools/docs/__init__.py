"""Writes the generated files: `python -m tools.docs`."""
