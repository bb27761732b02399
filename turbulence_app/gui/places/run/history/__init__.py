"""All runs and campaigns of the project: found again, written about, compared."""
