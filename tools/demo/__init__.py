"""Runs real files through a local cloud: `python -m tools.demo`."""
