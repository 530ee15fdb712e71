"""A wire-accurate stand-in for Tencent's Face ID API and for its object storage (COS).

Usable on its own: it imports nothing of liveproof. `python -m liveproof_emulator` serves it;
`liveproof_emulator.testing.start()` serves it from inside a test.
"""
