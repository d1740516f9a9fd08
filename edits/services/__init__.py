"""Everything that changes rows or files, in packages by subject."""
