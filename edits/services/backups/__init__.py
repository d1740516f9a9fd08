"""A copy of all rows and pictures in one file, and the way back."""
