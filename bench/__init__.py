"""The benchmarks: every figure is a ratio against a named baseline measured in the same run.

`python -m bench [--only NAME]`; docs/benchmarks.md says what each figure means.
"""
