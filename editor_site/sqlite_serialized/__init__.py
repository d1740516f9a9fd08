"""A SQLite engine whose writers wait for a single lock."""
