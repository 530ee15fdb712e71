"""HTTP requests of ours to somebody else's server.

Each is bounded in time and bytes, follows no redirect, and says how far it got when it fails.
"""
