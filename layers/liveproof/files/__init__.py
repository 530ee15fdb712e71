"""Cheap looks at uploaded bytes, before money is spent on them."""
