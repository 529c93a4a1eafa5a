"""Use cases of the request: one transaction each."""
