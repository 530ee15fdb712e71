"""Commands for a deployment on a real account."""
