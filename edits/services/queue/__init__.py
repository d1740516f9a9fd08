"""The line of waiting edits: into it, fairly out of it, and what happens to those whose worker is lost."""
