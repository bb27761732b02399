"""The analysis of a run: who left where and why, how long it took, when it was slow, and the people behind it."""
