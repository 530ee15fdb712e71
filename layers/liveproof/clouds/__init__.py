"""Adapters of the ports: the only importers of a cloud's SDK."""
