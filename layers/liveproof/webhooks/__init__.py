"""Sending a decision to the client's endpoint, as Standard Webhooks 1.0.0 says."""
