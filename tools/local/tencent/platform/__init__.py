"""SCF and SSM on this machine: each container of a function is its own process.

`python -m tools.local.tencent.platform CONFIG` runs it; `client.run_platform` starts that command
and talks to it. A function's settings come from infra/tencent/functions.json alone.
"""
