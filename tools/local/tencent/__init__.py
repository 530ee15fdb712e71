"""Tencent Cloud on this machine: the functions' packages, and the platform that runs them."""
