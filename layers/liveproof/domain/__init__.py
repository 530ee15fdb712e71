"""What a verification is and how it may change: values and functions, no clock, no I/O."""
