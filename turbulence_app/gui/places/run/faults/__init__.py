"""The faults of a scenario: a list, a form, and the file that they are written to."""
