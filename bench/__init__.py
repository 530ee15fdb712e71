"""The benchmarks: every figure is a ratio against a named baseline measured in the same run.

`python -m bench [--only NAME]` runs them; docs/benchmarks.md explains the figures.
"""
