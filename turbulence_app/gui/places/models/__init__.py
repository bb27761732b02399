"""Models: which there are, whom each task asks, and how well each one reads people."""
