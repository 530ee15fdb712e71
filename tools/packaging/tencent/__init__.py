"""What SCF runs: one zip per function."""
