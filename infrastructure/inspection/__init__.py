"""Looking into files that strangers sent: a program of its own, of the standard library, held by limits (T18)."""
