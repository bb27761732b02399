"""Letting the crowd loose, and watching."""
