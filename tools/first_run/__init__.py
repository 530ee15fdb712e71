"""One verification of the user's own file on a local cloud: `python -m tools.first_run`."""
