"""The authority's own tables from CSV: read row by row, taken whole or refused whole (A4)."""
