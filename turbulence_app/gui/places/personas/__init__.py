"""The Personas place: who the users are, in words and in numbers."""
