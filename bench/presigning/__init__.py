"""Presigned URLs beside the vendors' SDKs."""
