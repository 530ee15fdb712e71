"""The ledger: every paid call, what came of it and whether it was billed."""
