"""The scaffolding of a new check."""
