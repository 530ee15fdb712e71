"""What AWS runs: the layer and the compiled template."""
