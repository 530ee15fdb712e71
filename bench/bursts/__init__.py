"""Many verifications at once, of one client and of several."""
