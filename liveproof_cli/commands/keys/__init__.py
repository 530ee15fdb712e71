"""API keys: make one, and its digest for the secret of API keys. This needs no deployment."""
