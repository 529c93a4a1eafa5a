"""Pathway SE: enquiries to SENDIASS, inside the wall."""
