"""The vendor's bill beside the ledger: reading it, comparing the two, showing what differs."""
