"""The console: a page about a deployment's verifications, served on this machine only.

`make local` serves it with the local cloud's extras, `liveproof console` for any deployment.
"""
