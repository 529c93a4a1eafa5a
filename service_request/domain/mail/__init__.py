"""A mail, read: pure functions from its bytes to what it says."""
