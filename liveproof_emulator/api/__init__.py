"""The API gateway: signatures, common parameters, rate limits."""
