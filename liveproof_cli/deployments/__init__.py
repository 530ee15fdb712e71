"""The deployment that a command works on: `opening.open_deployment` is the way to it."""
