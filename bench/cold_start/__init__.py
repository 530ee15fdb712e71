"""From nothing to the first event: imports, and first events."""
