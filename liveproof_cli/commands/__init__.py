"""Look at a deployment of liveproof, and act on it."""
