"""What staff do: triage, decide, route, answer, report."""
