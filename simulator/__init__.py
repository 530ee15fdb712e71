"""liveproof on virtual time: the real use cases, on ports that behave as a cloud's do.

Not part of what is deployed. docs/planning.md says what is modelled.
"""
