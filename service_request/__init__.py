"""The service request itself: how it comes in, what it is, where it stands, who may see it."""
