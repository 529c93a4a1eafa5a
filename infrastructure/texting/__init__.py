"""Texts: our numbers, how long a text is, who carries it, and whose it is."""
