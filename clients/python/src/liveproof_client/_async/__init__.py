"""The client for asyncio and trio. `_sync` is made of it by `make docs`."""
