"""One folder per action, found by name; README.md tells the grammar of its four files."""
