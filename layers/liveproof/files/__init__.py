"""Checks of uploaded files that cost nothing, and streams of proven files."""
