"""Tries a real deployment, and says which assumptions of docs/unconfirmed.md held there."""
