"""liveproof: prove that a person is live and is the one in the photo, in your own cloud account."""

__version__ = "0.1.0"
