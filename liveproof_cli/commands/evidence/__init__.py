"""The evidence of a decision: its signed manifest and the best frames."""
