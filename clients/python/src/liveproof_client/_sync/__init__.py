"""The blocking client. Generated from `_async` by `make docs`."""
