"""Shrinking: the smallest world that still breaks the same invariant, found by really running candidates."""
