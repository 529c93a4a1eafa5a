"""What a code set is, and the answers that every set has."""

Codes = tuple[tuple[str, str], ...]

NOT_KNOWN = "not_known"
UNKNOWN: Codes = ((NOT_KNOWN, "Not known"),)

YES_NO_NOT_KNOWN: Codes = (("yes", "Yes"), ("no", "No"), *UNKNOWN)

# Answers that say "I do not know" in each set: an answer, and never a gap.
NOT_KNOWN_CODES = frozenset({NOT_KNOWN, "NOBT", "U"})
