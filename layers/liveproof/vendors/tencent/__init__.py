"""Tencent Cloud: API 3.0 calls and the Face ID upload relay."""
