"""The documentation as a static site: its pages, its build and the check of what was built."""
