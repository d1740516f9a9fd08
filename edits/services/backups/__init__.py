"""Backups: all rows and pictures in one file, and how to restore them."""
