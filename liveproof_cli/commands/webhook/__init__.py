"""Receive webhooks, verify them, and try a client's endpoint."""
