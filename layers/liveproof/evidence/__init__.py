"""The signed manifest: what a decision rests on, for whoever must believe it later."""
