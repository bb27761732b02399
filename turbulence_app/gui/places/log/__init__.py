"""The Log place: what the program did and said."""
