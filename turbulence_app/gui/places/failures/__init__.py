"""What broke, shrunk and replayed."""
