"""The board: what a census of a run answers, question by question. Definitions stand with each function."""
