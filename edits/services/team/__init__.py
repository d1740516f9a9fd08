"""The people: how they come in, what they may, and what is written down of it."""
