"""Recipes: chains of edits that are kept, and run on further pictures."""
