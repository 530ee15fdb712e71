"""JCV SenseID private cloud: encrypted forms over HTTP."""
