"""The local clouds, and the emulator in the vendors' place: `python -m tools.local`."""
