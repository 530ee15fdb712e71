"""The checks: which vendor API answers, what it needs and how its answer is read."""
