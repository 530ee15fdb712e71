"""SCF and SSM on this machine: each container of a function is a process of its own.

`python -m tools.local.tencent.platform CONFIG` runs it; `client.running` starts
that and talks to it. What a function is given comes from infra/tencent/functions.json alone.
"""
