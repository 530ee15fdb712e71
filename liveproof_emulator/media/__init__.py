"""Decoding the photos and videos that a caller sends, for every product."""
