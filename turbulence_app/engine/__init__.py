"""Deterministic execution. Knows no model, no database, no window and no wall clock."""
