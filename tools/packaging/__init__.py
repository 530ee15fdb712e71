"""Builds what a deployment uploads: `python -m tools.packaging`."""
