"""Judging, handing on and receiving webhooks, for developers and for those who receive them."""
