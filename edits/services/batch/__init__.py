"""Batches: several edits that are submitted in one action, and what can be done with all of them."""
