"""Compares rows with picture files and repairs what it can: ``manage.py check_media``."""
