"""SQLite: migrations, one writer, readers by topic."""
