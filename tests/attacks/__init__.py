"""Whoever holds a secret that is not theirs, made up, used up, or over: refused, whatever it is for."""
